import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { notFound, readPathId } from '../../http/path-id.ts';

/** `GET /v1/jobs/{id}/deliveries`: all webhook deliveries of a job. There are never more than fit on one page. */
export function listWebhookDeliveries(deps: {
  db: Pick<Database, 'getJob' | 'listWebhooks'>;
}): Handler<ApiEnv> {
  const { db } = deps;
  return async (c) => {
    const jobId = readPathId(c.req.param('id'), 'job');
    const userId = c.get('user').id;
    const deliveries = await db.listWebhooks({ userId, jobId });
    if (deliveries.length === 0 && (await db.getJob({ userId, jobId })) === null) throw notFound('job');
    return c.json({ data: deliveries, next_cursor: null });
  };
}
