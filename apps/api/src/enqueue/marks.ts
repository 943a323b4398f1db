import type { Delivery } from '@darkroom/core/queue/queue';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Database } from '@darkroom/db/database';

/**
 * Remembers which deliveries the queue has taken, and tells the database in batches. What is lost on the way costs
 * nothing but a second delivery: the sweeper makes it, and the claim drops it.
 */
export interface DeliveryMarks {
  remember(delivery: Delivery): void;
  /** Writes what is remembered and takes nothing more. Idempotent; always resolves. */
  close(): Promise<void>;
}

export function createDeliveryMarks(deps: {
  db: Pick<Database, 'markDelivered'>;
  log: Log;
  /** The longest that a mark waits for others, in milliseconds. */
  waitMs?: number;
  maxBatch?: number;
}): DeliveryMarks {
  const { db, log, waitMs = 100, maxBatch = 100 } = deps;
  let batch: Delivery[] = [];
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const writing = new Set<Promise<void>>();

  return {
    remember(delivery) {
      if (closed) return;
      batch.push(delivery);
      if (batch.length >= maxBatch) flush();
      else timer ??= setTimeout(flush, waitMs);
    },
    async close() {
      closed = true;
      flush();
      await Promise.all(writing);
    },
  };

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (batch.length === 0) return;
    const written = write(batch).finally(() => writing.delete(written));
    writing.add(written);
    batch = [];
  }

  async function write(deliveries: Delivery[]): Promise<void> {
    try {
      await db.markDelivered(deliveries);
    } catch (error) {
      log.fact('database_unavailable', { while: 'marking deliveries', count: deliveries.length, error });
    }
  }
}
