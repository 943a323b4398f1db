import type { Job } from '@darkroom/core/job/job';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Database } from '@darkroom/db/database';
import { createShared } from '../http/shared.ts';
import { placeOf, secondsLeft } from './estimate.ts';

/** Where a pending job stands. Null where it cannot be told at the moment. */
export interface Place {
  queue_position: number | null;
  eta_seconds: number | null;
}

/** Tells a pending job's place in the line; null for a job that stands in none. Never throws. */
export type FindPlace = (job: Job) => Promise<Place | null>;

/** How long one reading of the line serves everyone, in milliseconds. */
const freshMs = 1_000;

/** The line is read once a second at most, however many ask; a job's own turn is one row. */
export function createFindPlace(deps: {
  db: Pick<Database, 'getQueueSnapshot' | 'getQueuePlace'>;
  log: Log;
  now: () => number;
}): FindPlace {
  const { db, log, now } = deps;
  const snapshot = createShared({ ask: db.getQueueSnapshot, freshMs, now });

  return async ({ id: jobId, status }) => {
    if (status !== 'pending') return null;
    try {
      const [line, turn] = await Promise.all([snapshot(), db.getQueuePlace({ jobId })]);
      if (turn === null) return null;
      const place = placeOf(turn, line);
      return { queue_position: place, eta_seconds: secondsLeft({ ...turn, place }, line) };
    } catch (error) {
      log.fact('database_unavailable', { while: 'reading the line', job_id: jobId, error });
      return { queue_position: null, eta_seconds: null };
    }
  };
}
