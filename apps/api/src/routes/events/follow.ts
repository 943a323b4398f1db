import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { jobEvent } from './job-event.ts';
import { respondWithEvents, type StreamDeps } from './respond.ts';

/**
 * `GET /v1/events`: all of the user's jobs in one stream. First those that are unfinished, and with a `Last-Event-ID`
 * those that were made or ended since; then every change and every new job. An event's id is a point in time, not a
 * version: from there a later stream goes on without a gap. It may show a state again, never an older one after a newer.
 */
export function followUser(deps: StreamDeps & { db: Pick<Database, 'listChanges'> }): Handler<ApiEnv> {
  const { db, watch } = deps;
  return async (c) => {
    const { id: userId } = c.get('user');
    const resumedFrom = readPosition(c.req.header('Last-Event-ID'));
    const since = resumedFrom ?? null;
    const { now, jobs } = await db.listChanges({ jobs: [], users: [{ id: userId, since, resumedFrom }] });

    return respondWithEvents(c, deps, (stream) => {
      // Whoever is cut off in the middle begins at the same point again.
      const until = (at: number) => (at < jobs.length - 1 && resumedFrom ? resumedFrom : now);
      for (const [at, job] of jobs.entries()) stream.send(job.id, jobEvent(job, writePosition(until(at))));
      return watch.user(
        { userId, jobs, position: now },
        {
          changed: (job, position) => stream.send(job.id, jobEvent(job, writePosition(position))),
          ended: () => stream.end(),
        },
      );
    });
  };
}

/** Milliseconds of the database's clock. */
function writePosition(time: string): string {
  return String(Date.parse(time));
}

/** What was not written here is passed over: the stream begins with the present. */
function readPosition(id: string | undefined): string | undefined {
  return id !== undefined && /^1\d{12}$/.test(id) ? new Date(Number(id)).toISOString() : undefined;
}
