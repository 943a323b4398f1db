import type { PostgrestError } from '@supabase/supabase-js';
import pRetry from 'p-retry';
import { DatabaseUnavailable } from '../errors.ts';
import { toDomainError } from './sqlstate.ts';

/** What a builder of supabase-js resolves to. */
interface Answer<Data> {
  data: Data;
  error: PostgrestError | null;
  status: number;
}

export interface Request<Data> extends PromiseLike<Answer<Data>> {
  abortSignal(signal: AbortSignal): PromiseLike<Answer<Data>>;
}

/** Runs one request: `attempt` counts from 1 and is above 1 when an earlier answer was lost. */
export type Call = <Data>(
  request: (attempt: number) => Request<Data>,
  options?: { timeoutMs?: number; repeats?: number },
) => Promise<Data>;

/**
 * Sends requests that are safe to repeat, and repeats those whose outcome is unknown.
 * @throws DomainError where a rule of the database refuses; DatabaseUnavailable when the repeats are used up;
 * Error for a request that is wrong in itself.
 */
export function createCall(settings: { timeoutMs: number; repeats: number }): Call {
  return (request, options = {}) =>
    pRetry(
      async (attempt) => {
        const limit = AbortSignal.timeout(options.timeoutMs ?? settings.timeoutMs);
        const { data, error, status } = await request(attempt).abortSignal(limit);
        if (error === null) return data;
        throw (
          toDomainError(error) ?? (isPassing(error, status) ? unavailable(error, status) : refused(error))
        );
      },
      {
        retries: options.repeats ?? settings.repeats,
        minTimeout: 100,
        factor: 3,
        randomize: true,
        shouldRetry: ({ error }) => error instanceof DatabaseUnavailable,
      },
    );
}

const passingStatuses = new Set([0, 502, 503, 504, 520]);
/** Connections and pools, serialisation, deadlock, statement timeout, shutdown and start-up of the server. */
const passingCodes = /^(PGRST00[0-3]|08...|40001|40P01|53...|55P03|57014|57P0[1-5])$/;

function isPassing(error: PostgrestError, status: number): boolean {
  return passingStatuses.has(status) || passingCodes.test(error.code ?? '');
}

function unavailable(error: PostgrestError, status: number): DatabaseUnavailable {
  return new DatabaseUnavailable(`the database did not answer: ${error.code || status} ${error.message}`);
}

function refused(error: PostgrestError): Error {
  return new Error(
    `the database refused a request: ${error.code} ${error.message} ${error.details ?? ''}`.trim(),
  );
}
