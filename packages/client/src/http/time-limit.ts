import { DarkroomError } from './error.ts';

/**
 * Runs `work`, and aborts its signal when the caller's signal aborts or the time is over. Rejects at once then, even if
 * the work ignores its signal. @throws DarkroomError aborted, timeout
 */
export function withTimeLimit<T>(
  ms: number,
  caller: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (caller?.aborted) return reject(aborted(caller));
    const controller = new AbortController();
    const stop = (error: DarkroomError) => {
      reject(error);
      controller.abort();
    };
    const onAbort = () => stop(aborted(caller));
    const timer = setTimeout(
      () => stop(new DarkroomError({ code: 'timeout', message: 'No response in time.' })),
      ms,
    );
    caller?.addEventListener('abort', onAbort);
    work(controller.signal)
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer);
        caller?.removeEventListener('abort', onAbort);
      });
  });
}

/** The error of a call that its caller aborted. */
export function aborted(signal: AbortSignal | undefined): DarkroomError {
  return new DarkroomError({
    code: 'aborted',
    message: 'Aborted by the caller.',
    cause: signal?.reason,
  });
}
