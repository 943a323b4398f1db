import pRetry from 'p-retry';
import { DatabaseUnavailable } from '../errors.ts';

export interface RetryLimits {
  /** Of one attempt. */
  timeoutMs: number;
  /** Of a call whose answer was lost. */
  retries: number;
}

/** Retries what failed with DatabaseUnavailable, within about three seconds for three retries. */
export function retryUnanswered<Result>(
  attempt: (count: number) => Promise<Result>,
  { retries }: { retries: number },
): Promise<Result> {
  return pRetry(attempt, {
    retries,
    minTimeout: 100,
    factor: 3,
    randomize: true,
    shouldRetry: ({ error }) => error instanceof DatabaseUnavailable,
  });
}
