import type { BulkJobOptions } from 'bullmq';
import type { Delivery, ScheduledDelivery } from './queue.ts';

/** The one queue of a deployment. */
export const queueName = 'generation';

/** The highest number that BullMQ accepts, which is the last place. */
const lowestPriority = 2_097_151;

/** How long (in seconds) and how many finished deliveries are kept for the dashboard. */
const kept = { age: 3_600, count: 1_000 };

/** The id under which the queue holds a delivery. */
export function deliveryId({ jobId, delivery }: Delivery): string {
  return `${jobId}-${delivery}`;
}

/** A delivery as BullMQ takes it. */
export function bullJob(delivery: ScheduledDelivery): { name: string; data: Delivery; opts: BulkJobOptions } {
  const { jobId, priority, delayMs, trace } = delivery;
  return {
    name: queueName,
    data: { jobId, delivery: delivery.delivery },
    opts: {
      jobId: deliveryId(delivery),
      priority: Math.min(Math.max(Math.round(priority) || 1, 1), lowestPriority),
      delay: Math.max(Math.ceil(delayMs) || 0, 0),
      attempts: 1,
      removeOnComplete: kept,
      removeOnFail: kept,
      stackTraceLimit: 1,
      ...(trace === undefined ? {} : { telemetry: { metadata: JSON.stringify({ traceparent: trace }) } }),
    },
  };
}

/** Reads a delivery from the data of a BullMQ job; null when it is none. */
export function readDelivery(data: unknown): Delivery | null {
  const { jobId, delivery } = (data ?? {}) as Partial<Delivery>;
  return typeof jobId === 'string' && typeof delivery === 'number' ? { jobId, delivery } : null;
}
