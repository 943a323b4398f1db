import pRetry from 'p-retry';

export interface RetryWhileOptions {
  /** The kind of error that may pass; any other is thrown at once. */
  during: new (
    ...args: never[]
  ) => Error;
  /** How long to go on, in milliseconds. */
  forMs?: number;
  signal?: AbortSignal;
}

/**
 * Repeats an operation that is safe to repeat while a part of the system is away, ever slower, up to every 5 s.
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
