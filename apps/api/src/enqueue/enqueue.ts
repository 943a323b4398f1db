import type { Delivery, Order, Queue } from '@darkroom/core/queue/queue';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { DeliveryMarks } from './marks.ts';

/** How long an answer may wait for the queue, in milliseconds. */
const timeoutMs = 1_000;

/**
 * Rings the doorbell for an accepted job. Always resolves, within a second: the row is the outbox, and what the queue
 * missed the sweeper delivers.
 */
export type Deliver = (delivery: Delivery & Order) => Promise<void>;

export function createDeliver(deps: {
  queue: Pick<Queue, 'deliver'>;
  marks: DeliveryMarks;
  log: Log;
}): Deliver {
  const { queue, marks, log } = deps;
  return async (delivery) => {
    try {
      await queue.deliver([delivery], { timeoutMs });
      marks.remember({ jobId: delivery.jobId, delivery: delivery.delivery });
    } catch (error) {
      log.fact('queue_unavailable', { job_id: delivery.jobId, error });
    }
  };
}
