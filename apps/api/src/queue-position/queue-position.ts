import type { Job } from '@darkroom/core/job/job';
import type { Log } from '@darkroom/core/runtime/log/log';
import { singleFlight } from '@darkroom/core/runtime/time/single-flight';
import type { Database } from '@darkroom/db/database';
import { etaSeconds, positionOf } from './estimate.ts';

/** Of a pending job. Null if it cannot be determined at the moment. */
export interface QueuePosition {
  queue_position: number | null;
  eta_seconds: number | null;
}

/** The queue position of a pending job; null for any other. Never throws. */
export type ReadQueuePosition = (job: Job) => Promise<QueuePosition | null>;

/** How long one snapshot of the queue is reused, in milliseconds. */
const freshMs = 1_000;

/** Reads the queue at most once a second for all requests; a job's own order is one row. */
export function createReadQueuePosition(deps: {
  db: Pick<Database, 'getQueueSnapshot' | 'getQueuePlace'>;
  log: Log;
  now: () => number;
}): ReadQueuePosition {
  const { db, log, now } = deps;
  const readSnapshot = singleFlight({ work: db.getQueueSnapshot, freshMs, now });

  return async ({ id: jobId, status }) => {
    if (status !== 'pending') return null;
    try {
      const [snapshot, order] = await Promise.all([readSnapshot(), db.getQueuePlace({ jobId })]);
      if (order === null) return null;
      const position = positionOf(order, snapshot);
      return { queue_position: position, eta_seconds: etaSeconds({ ...order, position }, snapshot) };
    } catch (error) {
      log.fact('database_unavailable', { while: 'reading the queue position', job_id: jobId, error });
      return { queue_position: null, eta_seconds: null };
    }
  };
}
