import { isTerminal } from '@darkroom/core/job/job';
import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { notFound, readPathId } from '../../http/path-id.ts';
import { jobEvent } from './job-event.ts';
import { respondWithEvents, type StreamDeps } from './respond.ts';

/**
 * `GET /v1/jobs/{id}/events`: the job's current state, then its changes until it ends. The id of an event is the job's
 * version. A `Last-Event-ID` equal to the current version suppresses the current state; if the job has ended too, 204 tells
 * an EventSource not to reconnect.
 */
export function followJob(deps: StreamDeps & { db: Pick<Database, 'getJob'> }): Handler<ApiEnv> {
  const { db, changes } = deps;
  return async (c) => {
    const jobId = readPathId(c.req.param('id'), 'job');
    const job = await db.getJob({ userId: c.get('user').id, jobId });
    if (job === null) throw notFound('job');
    const isSeen = c.req.header('Last-Event-ID') === String(job.version);
    if (isSeen && isTerminal(job.status)) return c.body(null, 204);

    return respondWithEvents(c, deps, (stream) => {
      const send = (changed: typeof job) => {
        stream.send(jobId, jobEvent(changed, String(changed.version)));
        if (isTerminal(changed.status)) stream.end();
      };
      if (!isSeen) send(job);
      if (isTerminal(job.status)) return () => undefined;
      return changes.followJob(job, { changed: send, ended: () => stream.end() });
    });
  };
}
