import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { readJobId } from './job-id.ts';

/** `POST /v1/jobs/{id}/cancel`: ends and refunds the job; 409 when it has ended before. */
export function cancelJob({ db }: { db: Pick<Database, 'cancelJob'> }): Handler<ApiEnv> {
  return async (c) => {
    const jobId = readJobId(c.req.param('id'));
    return c.json(await db.cancelJob({ userId: c.get('user').id, jobId }));
  };
}
