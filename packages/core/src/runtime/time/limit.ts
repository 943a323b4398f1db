/** The time that an operation may take. */
export interface TimeLimit {
  /** Aborts when the time is over, or when the caller's own signal does. */
  signal: AbortSignal;
  /** Whether it was the time, and not the caller. */
  readonly isOver: boolean;
  /** Settles as soon as either strikes, even if the work does not listen. */
  race<T>(work: Promise<T>): Promise<T>;
  /** To be called in any case: it lets go of the timer and of the caller's signal. */
  end(): void;
}

/**
 * One signal for both ends of an operation: the caller's abort and `timeoutMs`. Unlike `AbortSignal.timeout`, whose timer
 * goes on after the operation is over, it costs nothing once it has ended.
 */
export function limitTime(timeoutMs: number, caller?: AbortSignal): TimeLimit {
  const controller = new AbortController();
  const { signal } = controller;
  const stop = () => controller.abort(caller?.reason);
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = !signal.aborted;
    controller.abort();
  }, timeoutMs);
  if (caller?.aborted) stop();
  else caller?.addEventListener('abort', stop, { once: true });
  return {
    signal,
    get isOver() {
      return isOver;
    },
    race(work) {
      return new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        work.then(resolve, reject);
      });
    },
    end() {
      clearTimeout(timer);
      caller?.removeEventListener('abort', stop);
    },
  };
}
