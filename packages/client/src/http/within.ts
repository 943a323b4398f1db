import { DarkroomError } from './error.ts';

/**
 * Runs `work` and ends it, by the signal it is given, when the caller's signal says so or the time is over. Rejects then
 * at once, also where the work does not listen. @throws DarkroomError aborted, timeout
 */
export function within<T>(
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
      () => stop(new DarkroomError({ code: 'timeout', message: 'There was no answer in time.' })),
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

/** The error of a call that its caller has ended. */
export function aborted(signal: AbortSignal | undefined): DarkroomError {
  return new DarkroomError({
    code: 'aborted',
    message: 'Stopped by the signal of the caller.',
    cause: signal?.reason,
  });
}
