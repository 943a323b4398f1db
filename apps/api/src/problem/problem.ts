/** Status and title of every problem that a client can receive. The meaning of a code never changes. */
const table = {
  malformed_json: { status: 400, title: 'The body is not JSON' },
  invalid_signature: { status: 400, title: 'The signature is not valid' },
  unauthenticated: { status: 401, title: 'Not signed in' },
  insufficient_credits: { status: 402, title: 'Not enough credits' },
  forbidden: { status: 403, title: 'Not allowed' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  job_already_finished: { status: 409, title: 'The job has already finished' },
  job_not_finished: { status: 409, title: 'The job has not finished yet' },
  payload_too_large: { status: 413, title: 'Too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  invalid_request: { status: 422, title: 'The request is not valid' },
  idempotency_key_reused: { status: 422, title: 'The idempotency key was used for another request' },
  too_many_prompts: { status: 422, title: 'Too many saved prompts' },
  too_many_active_jobs: { status: 429, title: 'Too many active jobs' },
  too_many_uploads: { status: 429, title: 'Too many open uploads' },
  rate_limited: { status: 429, title: 'Too many requests' },
  internal_error: { status: 500, title: 'Something went wrong on our side' },
  service_unavailable: { status: 503, title: 'Temporarily unavailable' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof table;

/** Status and title by code. */
export const problems: Readonly<Record<ProblemCode, { status: ProblemStatus; title: string }>> = table;
type ProblemStatus = (typeof table)[ProblemCode]['status'];

/** One invalid part of a request. */
export interface FieldError {
  /** Such as `prompt` or `metadata/a`; for a query parameter or header its name. */
  path: string;
  message: string;
}

/** What the client receives. Everything in it is public. */
export interface Problem {
  code: ProblemCode;
  detail: string;
  errors?: readonly FieldError[];
  /** Further members of the response, such as `balance` and `price`. */
  extras?: Readonly<Record<string, unknown>>;
  headers?: Readonly<Record<string, string>>;
}

/** Ends the request with this problem. */
export class ProblemError extends Error {
  override name = 'ProblemError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}
