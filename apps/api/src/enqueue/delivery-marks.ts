import type { Delivery } from '@darkroom/core/queue/queue';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Database } from '@darkroom/db/database';

/**
 * Marks deliveries that the queue accepted as delivered in the database, in batches. A lost mark only causes a second
 * delivery by the sweep, which the claim drops.
 */
export interface DeliveryMarks {
  add(delivery: Delivery): void;
  /** Writes the pending marks and accepts no more. Idempotent; always resolves. */
  close(): Promise<void>;
}

export function createDeliveryMarks(deps: {
  db: Pick<Database, 'markDelivered'>;
  log: Log;
  /** How long a mark may wait for a full batch, in milliseconds. Default 100. */
  waitMs?: number;
  /** Default 100. */
  maxBatch?: number;
}): DeliveryMarks {
  const { db, log, waitMs = 100, maxBatch = 100 } = deps;
  let batch: Delivery[] = [];
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const writes = new Set<Promise<void>>();

  return {
    add(delivery) {
      if (closed) return;
      batch.push(delivery);
      if (batch.length >= maxBatch) flush();
      else timer ??= setTimeout(flush, waitMs);
    },
    async close() {
      closed = true;
      flush();
      await Promise.all(writes);
    },
  };

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (batch.length === 0) return;
    const write = writeBatch(batch).finally(() => writes.delete(write));
    writes.add(write);
    batch = [];
  }

  async function writeBatch(deliveries: Delivery[]): Promise<void> {
    try {
      await db.markDelivered(deliveries);
    } catch (error) {
      log.fact('database_unavailable', { while: 'marking deliveries', count: deliveries.length, error });
    }
  }
}
