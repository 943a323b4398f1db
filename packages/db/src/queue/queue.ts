import type { Delivery } from '@darkroom/core/queue/queue';
import type { Call } from '../transport/call.ts';

/** What the database knows about the contents of the queue. */
export interface QueueOperations {
  /** Records that these deliveries are in the queue, so that the sweep need not enqueue them. */
  markDelivered(deliveries: readonly Delivery[]): Promise<void>;
  /** Records that these deliveries are missing from the queue: the next sweep enqueues them again. */
  markUndelivered(deliveries: readonly Delivery[]): Promise<void>;
  /** Deliveries that should be in the queue and have not been checked for a minute, at most `limit`. */
  listDelivered(query: { limit: number }): Promise<Delivery[]>;
  /** Records the queue's epoch. A new one marks every delivery as undelivered; true when it was new. */
  adoptQueueEpoch(queue: { epoch: string }): Promise<boolean>;
}

export interface DeliveryRow {
  job_id: string;
  delivery: number;
}

export function queueOperations(call: Call): QueueOperations {
  return {
    async markDelivered(deliveries) {
      await call('mark_delivered', { p_deliveries: deliveries.map(toRow) });
    },

    async markUndelivered(deliveries) {
      await call('mark_undelivered', { p_deliveries: deliveries.map(toRow) });
    },

    async listDelivered({ limit }) {
      const rows: DeliveryRow[] = await call('list_delivered', { p_limit: limit });
      return rows.map(toDelivery);
    },

    adoptQueueEpoch: ({ epoch }) => call('adopt_queue_epoch', { p_epoch: epoch }),
  };
}

export function toDelivery(row: DeliveryRow): Delivery {
  return { jobId: row.job_id, delivery: row.delivery };
}

function toRow({ jobId, delivery }: Delivery): DeliveryRow {
  return { job_id: jobId, delivery };
}
