import { limitConcurrency, type Turns } from '../runtime/time/limit-concurrency.ts';

/** Where the images that models made are taken in. What it bounds is memory, and what one turn of the event loop takes. */
export interface DecodeLimiter {
  /**
   * Reads an answer in which there is an image, as soon as there is room for one more: those that are being read or
   * wait for their decoding are counted. Waits five seconds at most, for the time of the call is running.
   */
  read<T>(reading: () => Promise<T>): Promise<T>;
  /** Decodes an image when it is its turn: a few at a time, in the order in which they came. */
  decode: Turns;
}

export interface DeskLimits {
  /** Images that are decoded at a time. */
  decodings: number;
  /** Images that are here before others are let in. */
  room: number;
}

const longestWaitMs = 5_000;

/** @param limits.decodings more than there are processors or free threads would only take memory */
export function createDecodeLimiter({ decodings, room }: DeskLimits): DecodeLimiter {
  const inTurn = limitConcurrency(decodings);
  const entrants = new Set<() => void>();
  let here = 0;

  return {
    async read(reading) {
      if (here >= room) await roomOrPatience();
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

  /** One for one that leaves. */
  function letIn(): void {
    if (here >= room) return;
    const [first] = entrants;
    first?.();
  }

  function roomOrPatience(): Promise<void> {
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
