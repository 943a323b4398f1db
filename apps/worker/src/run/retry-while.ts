import pRetry from 'p-retry';

export interface RetryWhileOptions {
  /** The class of temporary errors; any other error is thrown at once. */
  during: new (
    ...args: never[]
  ) => Error;
  /** How long to retry, in milliseconds. Default: until the signal aborts. */
  forMs?: number;
  signal?: AbortSignal;
}

/**
 * Retries an idempotent operation while it fails with a temporary error, with exponential backoff from 250 ms to 5 s.
 * @throws the last error when the time is over, or the signal's reason.
 */
export function retryWhile<T>(
  operation: () => Promise<T>,
  { during, forMs, signal }: RetryWhileOptions,
): Promise<T> {
  return pRetry(operation, {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: 250,
    maxTimeout: 5_000,
    randomize: true,
    maxRetryTime: forMs,
    signal,
    shouldRetry: ({ error }) => error instanceof during,
  });
}
