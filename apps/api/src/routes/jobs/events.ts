import { isTerminal } from '@darkroom/core/job/job';
import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { jobEvent } from '../events/job-event.ts';
import { respondWithEvents, type StreamDeps } from '../events/respond.ts';
import { noSuchJob, readJobId } from './job-id.ts';

/**
 * `GET /v1/jobs/{id}/events`: the job as it is, then every change of it that this process sees, up to its end. An
 * event's id is the version. With the `Last-Event-ID` of the present version the state is not sent again; when the job
 * has ended there is nothing more to say to such a client, and 204 tells an EventSource to stop.
 */
export function followJob(deps: StreamDeps & { db: Pick<Database, 'getJob'> }): Handler<ApiEnv> {
  const { db, watch } = deps;
  return async (c) => {
    const jobId = readJobId(c.req.param('id'));
    const job = await db.getJob({ userId: c.get('user').id, jobId });
    if (job === null) throw noSuchJob();
    const seen = c.req.header('Last-Event-ID') === String(job.version);
    if (seen && isTerminal(job.status)) return c.body(null, 204);

    return respondWithEvents(c, deps, (stream) => {
      const show = (changed: typeof job) => {
        stream.send(jobId, jobEvent(changed, String(changed.version)));
        if (isTerminal(changed.status)) stream.end();
      };
      if (!seen) show(job);
      if (isTerminal(job.status)) return () => undefined;
      return watch.job(job, { changed: show, ended: () => stream.end() });
    });
  };
}
