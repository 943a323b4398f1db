/** Waits, or less long where the signal says so. */
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
 * Milliseconds to wait after so many failures in a row: as long as the API asks, or doubling from half a second to 15 s.
 * By chance a little more or less, so that clients which failed together do not come back together.
 */
export function restMs({ retryAfterMs }: { retryAfterMs: number | null }, failures: number): number {
  if (retryAfterMs !== null) return retryAfterMs * (1 + Math.random() / 5);
  return Math.min(15_000, 500 * 2 ** (failures - 1)) * (1 - Math.random() / 2);
}
