import type { Queue, ScheduledDelivery } from '@darkroom/core/queue/queue';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { DeliveryMarks } from './delivery-marks.ts';

/** How long a response may wait for the queue, in milliseconds. */
const timeoutMs = 1_000;

/**
 * Puts an accepted job into the queue. Always resolves, within a second: the row is the outbox, and the sweep delivers
 * what the queue missed.
 */
export type Enqueue = (delivery: ScheduledDelivery) => Promise<void>;

export function createEnqueue(deps: {
  queue: Pick<Queue, 'enqueue'>;
  deliveryMarks: DeliveryMarks;
  log: Log;
}): Enqueue {
  const { queue, deliveryMarks, log } = deps;
  return async (delivery) => {
    try {
      await queue.enqueue([delivery], { timeoutMs });
      deliveryMarks.add({ jobId: delivery.jobId, delivery: delivery.delivery });
    } catch (error) {
      log.fact('queue_unavailable', { job_id: delivery.jobId, error });
    }
  };
}
