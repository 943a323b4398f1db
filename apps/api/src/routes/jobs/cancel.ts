import type { Hints } from '@darkroom/core/queue/hints';
import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ChangeFeed } from '../../changes/feed.ts';
import type { ApiEnv } from '../../http/env.ts';
import { readPathId } from '../../http/path-id.ts';

/** `POST /v1/jobs/{id}/cancel`: cancels and refunds the job; 409 if it has already finished. */
export function cancelJob(deps: {
  db: Pick<Database, 'cancelJob'>;
  hints: Pick<Hints, 'publish'>;
  changes: Pick<ChangeFeed, 'apply'>;
}): Handler<ApiEnv> {
  const { db, hints, changes } = deps;
  return async (c) => {
    const jobId = readPathId(c.req.param('id'), 'job');
    const { id: userId } = c.get('user');
    const job = await db.cancelJob({ userId, jobId });
    changes.apply(job);
    hints.publish({ jobId, userId, version: job.version });
    return c.json(job);
  };
}
