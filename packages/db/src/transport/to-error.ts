import { DatabaseUnavailable } from '../errors.ts';
import { toDomainError } from './sqlstate.ts';

/** What Postgres, or a proxy in front of it, says about a request that failed. */
export interface Failure {
  /** A SQLSTATE or a code of PostgREST; empty when there was no answer. */
  code: string;
  message: string;
  details: string | null;
}

/** Connections and pools, serialization, deadlock, statement timeout, shutdown and start-up of the server. */
const temporaryCodes = /^(PGRST00[0-3]|08...|40001|40P01|53...|55P03|57014|57P0[1-5])$/;

/**
 * The error that callers get for a failure, the same over every transport: DomainError when a rule rejected the call;
 * DatabaseUnavailable for what is temporary; Error when the request itself is wrong.
 * @param unanswered the database is known not to have answered, whatever the code
 */
export function toError(failure: Failure, unanswered: boolean, status?: number): Error {
  const rejection = toDomainError(failure);
  if (rejection) return rejection;
  const { code, message, details } = failure;
  if (unanswered || temporaryCodes.test(code)) {
    return new DatabaseUnavailable(`the database did not answer: ${code || status || ''} ${message}`);
  }
  return new Error(`the database refused a request: ${code} ${message} ${details ?? ''}`.trim());
}
