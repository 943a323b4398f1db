/** The rules of the database that can reject a call, by the names that the HTTP API uses. */
export type DomainErrorCode =
  | 'insufficient_credits'
  | 'not_found'
  | 'prompt_not_found'
  | 'job_already_finished'
  | 'idempotency_key_reused'
  | 'too_many_active_jobs'
  | 'user_deleted'
  | 'invalid_argument'
  | 'worker_unknown';

/** A rule rejected the call. Nothing was written. */
export class DomainError extends Error {
  override name = 'DomainError';
  readonly code: DomainErrorCode;
  /** Facts for the response, such as `{ balance, price }`. */
  readonly detail: Record<string, unknown>;

  constructor(code: DomainErrorCode, message: string, detail: Record<string, unknown> = {}) {
    super(message);
    this.code = code;
    this.detail = detail;
  }
}

/** The database could not be reached or did not answer in time, also not after the retries. */
export class DatabaseUnavailable extends Error {
  override name = 'DatabaseUnavailable';
}
