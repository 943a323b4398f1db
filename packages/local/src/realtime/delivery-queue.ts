import type { Change } from './change.ts';

const BATCH = 200;
const FULL = 5_000;

export interface DeliveryQueue {
  /** Adds changes in order. When too many wait, the promise settles once they are delivered. */
  add(changes: Change[]): Promise<void> | undefined;
  /** Drops the waiting changes; a batch in progress is finished. */
  clear(): void;
}

/** Delivers changes batch by batch; the next batch collects while one is delivered. */
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
