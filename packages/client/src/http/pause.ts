/** Waits for `ms`, or until the signal aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}

/**
 * Milliseconds to wait after this many failures in a row: as long as the API asks, or doubling from half a second to 15 s.
 * Random within limits, so that clients that failed together do not return together.
 */
export function backoffMs({ retryAfterMs }: { retryAfterMs: number | null }, failures: number): number {
  if (retryAfterMs !== null) return retryAfterMs * (1 + Math.random() / 5);
  return Math.min(15_000, 500 * 2 ** (failures - 1)) * (1 - Math.random() / 2);
}
