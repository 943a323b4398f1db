import { limitConcurrency, type Turns } from '../runtime/time/limit-concurrency.ts';

/** Limits how many model responses are read and decoded at a time. This bounds memory and the work per event loop turn. */
export interface DecodeLimiter {
  /**
   * Reads a response that contains an image when fewer than `room` images are being read, waiting to be decoded, or being
   * decoded. Waits at most 5 s, because the time limit of the call is running.
   */
  read<T>(reading: () => Promise<T>): Promise<T>;
  /** Decodes images in order of arrival, at most `decodings` at a time. */
  decode: Turns;
}

export interface DecodeLimits {
  /** Images decoded at a time. */
  decodings: number;
  /** Images read or decoded at a time before further reads wait. */
  room: number;
}

const longestWaitMs = 5_000;

/** @param limits.decodings more than the number of processors or free threads only uses memory */
export function createDecodeLimiter({ decodings, room }: DecodeLimits): DecodeLimiter {
  const inTurn = limitConcurrency(decodings);
  const entrants = new Set<() => void>();
  let here = 0;

  return {
    async read(reading) {
      if (here >= room) await roomOrTimeout();
      return present(reading);
    },
    decode: (decoding) => present(() => inTurn(decoding)),
  };

  async function present<T>(work: () => Promise<T>): Promise<T> {
    here += 1;
    try {
      return await work();
    } finally {
      here -= 1;
      letIn();
    }
  }

  /** Lets the first waiting read start if there is room. */
  function letIn(): void {
    if (here >= room) return;
    const [first] = entrants;
    first?.();
  }

  function roomOrTimeout(): Promise<void> {
    return new Promise((resolve) => {
      const enter = () => {
        clearTimeout(timer);
        entrants.delete(enter);
        resolve();
      };
      const timer = setTimeout(enter, longestWaitMs);
      entrants.add(enter);
    });
  }
}
