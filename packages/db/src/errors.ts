/** What the rules in the database refuse, by the name the HTTP contract uses. */
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

/** A rule said no. Nothing was written. */
export class DomainError extends Error {
  override name = 'DomainError';
  readonly code: DomainErrorCode;
  /** Facts for the answer, such as `{ balance, price }`. */
  readonly detail: Record<string, unknown>;

  constructor(code: DomainErrorCode, message: string, detail: Record<string, unknown> = {}) {
    super(message);
    this.code = code;
    this.detail = detail;
  }
}

/** The database could not be reached, or did not answer in time, after safe repeats. */
export class DatabaseUnavailable extends Error {
  override name = 'DatabaseUnavailable';
}
