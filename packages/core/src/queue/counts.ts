import type { Queue as BullQueue } from 'bullmq';
import type { Queue } from './queue.ts';

/** Counts deliveries by state. BullMQ counts those with a priority separately; here both are waiting. */
export async function readCounts(bull: Pick<BullQueue, 'getJobCounts'>): ReturnType<Queue['counts']> {
  const by = await bull.getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'failed', 'completed');
  return {
    waiting: (by.waiting ?? 0) + (by.prioritized ?? 0),
    active: by.active ?? 0,
    delayed: by.delayed ?? 0,
    failed: by.failed ?? 0,
    completed: by.completed ?? 0,
  };
}
