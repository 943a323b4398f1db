import { DatabaseUnavailable } from '../errors.ts';
import { toDomainError } from './sqlstate.ts';

/** What Postgres, or whoever stands before it, says of a request that failed. */
export interface Failure {
  /** A SQLSTATE, or a code of PostgREST's; empty where nobody answered. */
  code: string;
  message: string;
  details: string | null;
}

/** Connections and pools, serialisation, deadlock, statement timeout, shutdown and start-up of the server. */
const passingCodes = /^(PGRST00[0-3]|08...|40001|40P01|53...|55P03|57014|57P0[1-5])$/;

/**
 * The error that a failure is to the callers, the same over every transport: DomainError where a rule refused;
 * DatabaseUnavailable for what passes by itself; Error for a request that is wrong in itself.
 * @param unanswered whether it is known, whatever the code, that the database has not answered
 */
export function toError(failure: Failure, unanswered: boolean, status?: number): Error {
  const refusal = toDomainError(failure);
  if (refusal) return refusal;
  const { code, message, details } = failure;
  if (unanswered || passingCodes.test(code)) {
    return new DatabaseUnavailable(`the database did not answer: ${code || status || ''} ${message}`);
  }
  return new Error(`the database refused a request: ${code} ${message} ${details ?? ''}`.trim());
}
