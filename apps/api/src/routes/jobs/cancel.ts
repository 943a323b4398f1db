import type { Hints } from '@darkroom/core/queue/hints';
import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { Watch } from '../../changes/watch.ts';
import type { ApiEnv } from '../../http/env.ts';
import { readJobId } from './job-id.ts';

/** `POST /v1/jobs/{id}/cancel`: ends and refunds the job; 409 when it has ended before. */
export function cancelJob(deps: {
  db: Pick<Database, 'cancelJob'>;
  hints: Hints;
  watch: Pick<Watch, 'learn'>;
}): Handler<ApiEnv> {
  const { db, hints, watch } = deps;
  return async (c) => {
    const jobId = readJobId(c.req.param('id'));
    const { id: userId } = c.get('user');
    const job = await db.cancelJob({ userId, jobId });
    watch.learn(job);
    hints.publish({ jobId, userId, version: job.version });
    return c.json(job);
  };
}
