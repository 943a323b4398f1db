import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { noSuchJob, readJobId } from './job-id.ts';

/** `GET /v1/jobs/{id}/deliveries`: what was sent to the job's webhook_url, and how that went. Never more than a page. */
export function listDeliveries({ db }: { db: Pick<Database, 'getJob' | 'listWebhooks'> }): Handler<ApiEnv> {
  return async (c) => {
    const jobId = readJobId(c.req.param('id'));
    const userId = c.get('user').id;
    const deliveries = await db.listWebhooks({ userId, jobId });
    if (deliveries.length === 0 && (await db.getJob({ userId, jobId })) === null) throw noSuchJob();
    return c.json({ data: deliveries, next_cursor: null });
  };
}
