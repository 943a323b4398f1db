import type { Change } from './change.ts';

const BATCH = 200;
const FULL = 5_000;

export interface DeliveryQueue {
  /** Takes changes in order. When too many wait, the promise settles once they are delivered. */
  add(changes: Change[]): Promise<void> | undefined;
  /** Forgets what waits; a batch at work is finished. */
  clear(): void;
}

/** Delivers changes one batch after another: while one is at work, the next gathers. */
export function createDeliveryQueue(
  deliver: (batch: Change[]) => Promise<void>,
  onFailure: (error: unknown) => void,
): DeliveryQueue {
  let waiting: Change[] = [];
  let working: Promise<void> | undefined;

  async function work(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, BATCH);
      try {
        await deliver(batch);
      } catch (error) {
        onFailure(error);
      }
    }
    working = undefined;
  }

  return {
    add(changes) {
      for (const change of changes) waiting.push(change);
      if (waiting.length === 0) return;
      working ??= work();
      return waiting.length > FULL ? working : undefined;
    },
    clear() {
      waiting = [];
    },
  };
}
