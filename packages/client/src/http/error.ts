import type { Job, Receipt } from '../job/job.ts';

/** An error response of the API (RFC 9457). */
export interface Problem {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
  /** Lets the operators find the request. */
  request_id?: string;
  /** What is wrong with the request, by field. */
  errors?: { path: string; message: string }[];
  /** With `insufficient_credits`: what the user has, and what the image costs. */
  balance?: number;
  price?: number;
  [member: string]: unknown;
}

/** Errors that the client itself detects. */
type ClientErrorCode =
  /** No response: offline, a broken connection, a server that is down. */
  | 'network_error'
  /** No response in time. */
  | 'timeout'
  /** `getToken` failed. */
  | 'token_unavailable'
  /** The response is not from the API: a proxy's page, an incomplete body. */
  | 'unexpected_response'
  /** The bucket rejected the upload. */
  | 'upload_failed'
  /** The caller's signal. The job continues unless `cancelOnAbort` was set. */
  | 'aborted';

/** Error responses of the API. */
export type ApiErrorCode =
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

/** Why a job ended without an image; its credits are refunded. */
export type JobErrorCode =
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

/** Also any other string, for the codes of a newer API. */
export type ErrorCode = ClientErrorCode | ApiErrorCode | JobErrorCode | (string & {});

interface ErrorFacts {
  code: ErrorCode;
  message: string;
  status?: number | null;
  problem?: Problem | null;
  retryAfterMs?: number | null;
  job?: Job | null;
  cause?: unknown;
}

/** The only error class this package rejects with. */
export class DarkroomError extends Error {
  override name = 'DarkroomError';
  code: ErrorCode;
  /** Of the HTTP response; null without one. */
  status: number | null;
  /** The API's error response with all its fields. */
  problem: Problem | null;
  /** How long the API asks to wait, in milliseconds. */
  retryAfterMs: number | null;
  /** The last known state of the job, if there is one. */
  job: Job | null;
  /** Of a submission: sending the same input with it again creates no second job. */
  idempotencyKey: string | null = null;

  constructor({
    code,
    message,
    status = null,
    problem = null,
    retryAfterMs = null,
    job = null,
    cause,
  }: ErrorFacts) {
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

/** Whether the same request may succeed when it is sent again. */
export function isTransient({ code, status }: DarkroomError): boolean {
  if (status === null) return code === 'network_error' || code === 'timeout' || code === 'token_unavailable';
  return status < 300 || status === 429 || (status >= 502 && status <= 504);
}
