import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { jobEvent } from './job-event.ts';
import { respondWithEvents, type StreamDeps } from './respond.ts';

/**
 * `GET /v1/events`: all jobs of the user in one stream. First the unfinished ones and, with `Last-Event-ID`, those created
 * or ended since; then every change and every new job. The id of an event is a position in time, not a version: a later
 * stream resumes from it without a gap. A state may repeat, but an older one never follows a newer one.
 */
export function followUser(deps: StreamDeps & { db: Pick<Database, 'listChanges'> }): Handler<ApiEnv> {
  const { db, changes } = deps;
  return async (c) => {
    const { id: userId } = c.get('user');
    const resumedFrom = parsePosition(c.req.header('Last-Event-ID'));
    const since = resumedFrom ?? null;
    const { now, jobs } = await db.listChanges({ jobs: [], users: [{ id: userId, since, resumedFrom }] });

    return respondWithEvents(c, deps, (stream) => {
      // A client that is cut off within the snapshot must resume from where it started.
      const positionAt = (at: number) => (at < jobs.length - 1 && resumedFrom ? resumedFrom : now);
      for (const [at, job] of jobs.entries()) {
        stream.send(job.id, jobEvent(job, formatPosition(positionAt(at))));
      }
      return changes.followUser(
        { userId, jobs, position: now },
        {
          changed: (job, position) => stream.send(job.id, jobEvent(job, formatPosition(position))),
          ended: () => stream.end(),
        },
      );
    });
  };
}

/** Epoch milliseconds of the database's clock. */
function formatPosition(time: string): string {
  return String(Date.parse(time));
}

/** An id that is no position is ignored: the stream starts at the present. */
function parsePosition(id: string | undefined): string | undefined {
  return id !== undefined && /^1\d{12}$/.test(id) ? new Date(Number(id)).toISOString() : undefined;
}
