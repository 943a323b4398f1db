import { isTerminal } from '@darkroom/core/job/job';
import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import { z } from 'zod';
import type { ChangeFeed } from '../../changes/feed.ts';
import { waitForJob } from '../../changes/wait.ts';
import type { ApiEnv } from '../../http/env.ts';
import { notFound, readPathId } from '../../http/path-id.ts';
import { validate } from '../../problem/validation.ts';
import type { ReadQueuePosition } from '../../queue-position/queue-position.ts';
import { jobEtag, matchesEtag, versionsOf } from './etag.ts';
import { jobUrls } from './job-urls.ts';

const waitMessage = 'Must be a whole number of seconds from 1 to 25.';
export const jobQuery = z.object({
  wait: z
    .string()
    .regex(/^\d{1,2}$/, waitMessage)
    .transform(Number)
    .refine((seconds) => seconds >= 1 && seconds <= 25, waitMessage)
    .default(0)
    .meta({
      type: 'integer',
      minimum: 1,
      maximum: 25,
      description: 'Seconds to hold the response until there is a later version.',
    }),
});

/**
 * `GET /v1/jobs/{id}`: the job, its URLs and, while it is pending, its queue position. `?wait=` holds the response until
 * the version is later than that of `If-None-Match`, or than the current one.
 */
export function showJob(deps: {
  db: Pick<Database, 'getJob'>;
  changes: ChangeFeed;
  readQueuePosition: ReadQueuePosition;
}): Handler<ApiEnv> {
  const { db, changes, readQueuePosition } = deps;
  return async (c) => {
    const jobId = readPathId(c.req.param('id'), 'job');
    const { wait } = validate(jobQuery, c.req.query());
    const ifNoneMatch = c.req.header('If-None-Match');
    const found = await db.getJob({ userId: c.get('user').id, jobId });
    if (found === null) throw notFound('job');

    const seen = versionsOf(ifNoneMatch);
    const version = seen.length === 0 || seen.includes(found.version) ? found.version : 0;
    const { job } = await waitForJob(changes, found, {
      until: (job) => wait === 0 || job.version > version || isTerminal(job.status),
      timeoutMs: wait * 1_000,
      signal: c.req.raw.signal,
    });
    const body = JSON.stringify({ ...job, urls: jobUrls(job.id), ...(await readQueuePosition(job)) });
    const etag = jobEtag(job.version, body);
    c.header('ETag', etag);
    if (matchesEtag(ifNoneMatch, etag)) return c.body(null, 304);
    return c.body(body, 200, { 'Content-Type': 'application/json' });
  };
}
