import { ProblemError } from '../problem/problem.ts';

/** Keeps what a process holds of large bodies at one time within bounds; who comes too soon waits in line. */
export interface ByteBudget {
  /**
   * Takes so many bytes, and returns what gives them back; calling that again does nothing.
   * @throws ProblemError service_unavailable when the line is full, or has not moved on in time
   */
  take(bytes: number): Promise<() => void>;
}

interface Waiting {
  bytes: number;
  admit: () => void;
}

/** At most `mostBytes` at a time, and `mostWaiting` in line, for no longer than `patienceMs`. */
export function createByteBudget(limits: {
  mostBytes: number;
  mostWaiting: number;
  patienceMs: number;
}): ByteBudget {
  const { mostBytes, mostWaiting, patienceMs } = limits;
  const line: Waiting[] = [];
  let taken = 0;

  function fits(bytes: number): boolean {
    return taken + bytes <= mostBytes || taken === 0;
  }

  function hold(bytes: number): () => void {
    taken += bytes;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      taken -= bytes;
      while (line[0] && fits(line[0].bytes)) line.shift()!.admit();
    };
  }

  return {
    async take(bytes) {
      if (line.length === 0 && fits(bytes)) return hold(bytes);
      if (line.length >= mostWaiting) throw tooMany(patienceMs);
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          line.splice(line.indexOf(waiting), 1);
          reject(tooMany(patienceMs));
        }, patienceMs);
        const waiting: Waiting = {
          bytes,
          admit() {
            clearTimeout(timer);
            resolve(hold(bytes));
          },
        };
        line.push(waiting);
      });
    },
  };
}

function tooMany(patienceMs: number): ProblemError {
  return new ProblemError({
    code: 'service_unavailable',
    detail:
      'Too many images are coming in at the moment. Send the request again in a few seconds, or upload the image ' +
      'first: POST /v1/uploads.',
    headers: { 'Retry-After': String(Math.ceil(patienceMs / 1_000)) },
  });
}
