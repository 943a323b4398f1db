import type { ScheduledDelivery } from '@darkroom/core/queue/queue';
import { type DeliveryRow, toDelivery } from '../queue/queue.ts';
import type { Call } from '../transport/call.ts';

export interface SweepResult {
  /** To be enqueued now, then confirmed with `markDelivered`. */
  due: ScheduledDelivery[];
  /** Jobs ended and refunded because their deadline had passed. */
  overdue: number;
  /** Jobs ended and refunded because their worker died too often. */
  crashed: number;
  /** Jobs among `due` whose worker's lease had expired. */
  lapsed: number;
}

export interface SweepOperations {
  /** One pass over at most `limit` rows of each kind. */
  sweep(pass: { limit: number }): Promise<SweepResult>;
  /** Cancels and refunds jobs that have outlived their `cancel_after_ms` and returns them; at most 100 a call. */
  cancelDue(pass: { limit: number }): Promise<{ jobId: string; userId: string }[]>;
}

export function sweepOperations(call: Call): SweepOperations {
  return {
    async sweep({ limit }) {
      const row: Omit<SweepResult, 'due'> & {
        due: (DeliveryRow & { priority: number; delay_ms: number })[];
      } = await call('sweep', { p_limit: limit });
      return {
        due: row.due.map((due) => ({ ...toDelivery(due), priority: due.priority, delayMs: due.delay_ms })),
        overdue: row.overdue,
        crashed: row.crashed,
        lapsed: row.lapsed,
      };
    },

    async cancelDue({ limit }) {
      const rows: { job_id: string; user_id: string }[] = await call('cancel_due', { p_limit: limit });
      return rows.map((row) => ({ jobId: row.job_id, userId: row.user_id }));
    },
  };
}
