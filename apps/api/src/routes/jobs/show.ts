import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { noSuchJob, readJobId } from './job-id.ts';
import { jobUrls } from './urls.ts';

/** `GET /v1/jobs/{id}`: the job itself, and where to go from it. */
export function showJob({ db }: { db: Pick<Database, 'getJob'> }): Handler<ApiEnv> {
  return async (c) => {
    const jobId = readJobId(c.req.param('id'));
    const job = await db.getJob({ userId: c.get('user').id, jobId });
    if (job === null) throw noSuchJob();
    return c.json({ ...job, urls: jobUrls(job.id) });
  };
}
