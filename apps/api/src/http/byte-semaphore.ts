import { ProblemError } from '../problem/problem.ts';

/** Bounds the bytes of large request bodies that a process holds at one time. Requests beyond it wait in order. */
export interface ByteSemaphore {
  /**
   * Acquires `bytes` and returns a function that releases them; calling it twice releases once.
   * @throws ProblemError service_unavailable when too many wait already, or after waiting `maxWaitMs`
   */
  acquire(bytes: number): Promise<() => void>;
}

interface Waiter {
  bytes: number;
  admit: () => void;
}

/** At most `maxBytes` at one time; a single larger request is admitted alone. At most `maxWaiting` requests wait. */
export function createByteSemaphore(limits: {
  maxBytes: number;
  maxWaiting: number;
  maxWaitMs: number;
}): ByteSemaphore {
  const { maxBytes, maxWaiting, maxWaitMs } = limits;
  const waiters: Waiter[] = [];
  let acquired = 0;

  function fits(bytes: number): boolean {
    return acquired + bytes <= maxBytes || acquired === 0;
  }

  function hold(bytes: number): () => void {
    acquired += bytes;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      acquired -= bytes;
      while (waiters[0] && fits(waiters[0].bytes)) waiters.shift()!.admit();
    };
  }

  return {
    async acquire(bytes) {
      if (waiters.length === 0 && fits(bytes)) return hold(bytes);
      if (waiters.length >= maxWaiting) throw tooManyBytes(maxWaitMs);
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiters.splice(waiters.indexOf(waiter), 1);
          reject(tooManyBytes(maxWaitMs));
        }, maxWaitMs);
        const waiter: Waiter = {
          bytes,
          admit() {
            clearTimeout(timer);
            resolve(hold(bytes));
          },
        };
        waiters.push(waiter);
      });
    },
  };
}

function tooManyBytes(maxWaitMs: number): ProblemError {
  return new ProblemError({
    code: 'service_unavailable',
    detail:
      'Too many large requests are in progress. Send the request again in a few seconds, or upload the image first ' +
      'with POST /v1/uploads.',
    headers: { 'Retry-After': String(Math.ceil(maxWaitMs / 1_000)) },
  });
}
