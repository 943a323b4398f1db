import type { Delivery } from '@darkroom/core/queue/queue';
import type { Database, SweepResult } from '../database.ts';
import type { Door } from '../open.ts';

type SweepOperation =
  | 'sweep'
  | 'cancelDue'
  | 'markDelivered'
  | 'markUndelivered'
  | 'listDelivered'
  | 'adoptQueueEpoch';

interface DeliveryRow {
  job_id: string;
  delivery: number;
}

export function sweepOperations({ call }: Door): Pick<Database, SweepOperation> {
  return {
    async sweep({ limit }) {
      const row: Omit<SweepResult, 'due'> & {
        due: (DeliveryRow & { priority: number; delay_ms: number })[];
      } = await call('sweep', { p_limit: limit });
      return {
        due: row.due.map((due) => ({ ...fromRow(due), priority: due.priority, delayMs: due.delay_ms })),
        overdue: row.overdue,
        crashed: row.crashed,
        lapsed: row.lapsed,
      };
    },

    async cancelDue({ limit }) {
      const rows: { job_id: string; user_id: string }[] = await call('cancel_due', { p_limit: limit });
      return rows.map((row) => ({ jobId: row.job_id, userId: row.user_id }));
    },

    async markDelivered(deliveries) {
      await call('mark_delivered', { p_deliveries: deliveries.map(toRow) });
    },

    async markUndelivered(deliveries) {
      await call('mark_undelivered', { p_deliveries: deliveries.map(toRow) });
    },

    async listDelivered({ limit }) {
      const rows: DeliveryRow[] = await call('list_delivered', { p_limit: limit });
      return rows.map(fromRow);
    },

    adoptQueueEpoch: ({ epoch }) => call('adopt_queue_epoch', { p_epoch: epoch }),
  };
}

function toRow({ jobId, delivery }: Delivery): DeliveryRow {
  return { job_id: jobId, delivery };
}

function fromRow(row: DeliveryRow): Delivery {
  return { jobId: row.job_id, delivery: row.delivery };
}
