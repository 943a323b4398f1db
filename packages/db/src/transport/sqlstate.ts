import { DomainError, type DomainErrorCode } from '../errors.ts';

/** The private SQLSTATEs that the functions in `migrations/` raise. */
const codes: Record<string, DomainErrorCode> = {
  DR400: 'invalid_argument',
  DR401: 'user_deleted',
  DR402: 'insufficient_credits',
  DR403: 'worker_unknown',
  DR404: 'not_found',
  DR409: 'job_already_finished',
  DR422: 'idempotency_key_reused',
  DR423: 'prompt_not_found',
  DR429: 'too_many_active_jobs',
};

/** The rule that rejected the call, or null when the error is of another kind. */
export function toDomainError(error: {
  code: string;
  message: string;
  details: string | null;
}): DomainError | null {
  const code = codes[error.code];
  return code === undefined ? null : new DomainError(code, error.message, parseDetail(error.details));
}

function parseDetail(details: string | null): Record<string, unknown> {
  if (!details) return {};
  try {
    return JSON.parse(details) as Record<string, unknown>;
  } catch {
    return {};
  }
}
