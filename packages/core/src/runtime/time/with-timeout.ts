/** The work took longer than its time limit. */
export class TimeoutError extends Error {
  override name = 'TimeoutError';
}

/**
 * Runs `work` for at most `timeoutMs`. Its signal aborts at the time limit and when `caller` aborts; in both cases this
 * rejects at once, even if the work ignores the signal, and a later result or rejection of the work is dropped.
 * Unlike with `AbortSignal.timeout`, no timer outlives the work.
 * @throws TimeoutError, the reason of `caller`, or what the work throws
 */
export function withTimeout<T>(
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
  caller?: AbortSignal,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    caller?.throwIfAborted();
    const controller = new AbortController();
    const end = () => {
      clearTimeout(timer);
      caller?.removeEventListener('abort', onAbort);
    };
    const stop = (reason: unknown) => {
      end();
      reject(reason);
      controller.abort(reason);
    };
    const onAbort = () => stop(caller?.reason);
    const timer = setTimeout(() => stop(new TimeoutError(`not done within ${timeoutMs} ms`)), timeoutMs);
    caller?.addEventListener('abort', onAbort, { once: true });
    // Inside a promise, so that what is thrown before the first await rejects too.
    new Promise<T>((settle) => settle(work(controller.signal))).finally(end).then(resolve, reject);
  });
}

/** Waits up to `timeoutMs` for work to settle. Never rejects. @returns whether it settled in time */
export async function settledWithin(timeoutMs: number, work: Promise<unknown>): Promise<boolean> {
  try {
    await withTimeout(timeoutMs, () => work.catch(() => undefined));
    return true;
  } catch {
    return false;
  }
}
