import type { Job, Receipt } from '../job/job.ts';

/** An answer of the API that is no success, as RFC 9457 writes it. */
export interface Problem {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
  /** Leads the operators to the request. */
  request_id?: string;
  /** What is wrong with the request, by field. */
  errors?: { path: string; message: string }[];
  /** With `insufficient_credits`: what the user has, and what the image costs. */
  balance?: number;
  price?: number;
  [member: string]: unknown;
}

/** What only the client can know. */
type OwnCode =
  /** No answer: offline, a broken connection, a server that is gone. */
  | 'network_error'
  /** No answer in time. */
  | 'timeout'
  /** `getToken` failed. */
  | 'token_unavailable'
  /** The answer is none of the API: a proxy's page, a body cut short. */
  | 'unexpected_response'
  /** The bucket did not take the upload. */
  | 'upload_failed'
  /** The caller's signal. The job goes on, unless `cancelOnAbort` was set. */
  | 'aborted';

/** What the API answers in place of a job. */
type ProblemCode =
  | 'malformed_json'
  | 'unauthenticated'
  | 'insufficient_credits'
  | 'not_found'
  | 'method_not_allowed'
  | 'job_already_finished'
  | 'job_not_finished'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'invalid_request'
  | 'idempotency_key_reused'
  | 'too_many_active_jobs'
  | 'too_many_prompts'
  | 'too_many_uploads'
  | 'rate_limited'
  | 'internal_error'
  | 'service_unavailable';

/** Why a job ended without an image; its credits are back. */
type FailureCode =
  | 'model_unavailable'
  | 'rate_limited'
  | 'provider_unavailable'
  | 'no_image'
  | 'content_blocked'
  | 'invalid_request'
  | 'provider_misconfigured'
  | 'bad_image'
  | 'invalid_input_image'
  | 'storage_unavailable'
  | 'deadline_exceeded'
  | 'worker_crashed'
  | 'canceled'
  | 'internal_error';

/** Open, so that a code which a newer API brings is one too. */
export type ErrorCode = OwnCode | ProblemCode | FailureCode | (string & {});

interface Facts {
  code: ErrorCode;
  message: string;
  status?: number | null;
  problem?: Problem | null;
  retryAfterMs?: number | null;
  job?: Job | null;
  cause?: unknown;
}

/** The one error this package rejects with. */
export class DarkroomError extends Error {
  override name = 'DarkroomError';
  code: ErrorCode;
  /** Of the HTTP answer; null where there was none. */
  status: number | null;
  /** The API's answer, with all its fields. */
  problem: Problem | null;
  /** How long the API asks to be left alone, in milliseconds. */
  retryAfterMs: number | null;
  /** The job as it was seen last, where there is one. */
  job: Job | null;
  /** Of a submission: sent again with the same input it makes no second job. */
  idempotencyKey: string | null = null;

  constructor({
    code,
    message,
    status = null,
    problem = null,
    retryAfterMs = null,
    job = null,
    cause,
  }: Facts) {
    super(message, { cause });
    this.code = code;
    this.status = status;
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
    this.job = job;
  }

  /** What the job cost: a failed or canceled one nets 0. */
  get receipt(): Receipt | null {
    return this.job?.receipt ?? null;
  }
}

/** Whether the same request may well be answered when it is sent again. */
export function isTransient({ code, status }: DarkroomError): boolean {
  if (status === null) return code === 'network_error' || code === 'timeout' || code === 'token_unavailable';
  return status < 300 || status === 429 || (status >= 502 && status <= 504);
}
