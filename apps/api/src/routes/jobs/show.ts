import { isTerminal } from '@darkroom/core/job/job';
import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import { z } from 'zod';
import { waitFor } from '../../changes/wait.ts';
import type { Watch } from '../../changes/watch.ts';
import type { ApiEnv } from '../../http/env.ts';
import { parseOrRefuse } from '../../problem/invalid.ts';
import type { FindPlace } from '../../queue-position/queue-position.ts';
import { noSuchJob, readJobId } from './job-id.ts';
import { jobTag, matchesTag, versionsOf } from './job-tag.ts';
import { jobUrls } from './urls.ts';

const message = 'Must be a whole number of seconds from 1 to 25.';
export const jobQuery = z.object({
  wait: z
    .string()
    .regex(/^\d{1,2}$/, message)
    .transform(Number)
    .refine((seconds) => seconds >= 1 && seconds <= 25, message)
    .default(0)
    .meta({
      type: 'integer',
      minimum: 1,
      maximum: 25,
      description: 'Seconds to hold the answer for a later version.',
    }),
});

/**
 * `GET /v1/jobs/{id}`: the job itself, where to go from it, and while it waits its place in the line. With `?wait=` the
 * answer is held until there is a later version than the one of `If-None-Match`, or than the present one.
 */
export function showJob(deps: {
  db: Pick<Database, 'getJob'>;
  watch: Watch;
  findPlace: FindPlace;
}): Handler<ApiEnv> {
  const { db, watch, findPlace } = deps;
  return async (c) => {
    const jobId = readJobId(c.req.param('id'));
    const { wait } = parseOrRefuse(jobQuery, c.req.query());
    const known = c.req.header('If-None-Match');
    const found = await db.getJob({ userId: c.get('user').id, jobId });
    if (found === null) throw noSuchJob();

    const seen = versionsOf(known);
    const version = seen.length === 0 || seen.includes(found.version) ? found.version : 0;
    const { job } = await waitFor(watch, found, {
      fits: (job) => wait === 0 || job.version > version || isTerminal(job.status),
      forMs: wait * 1_000,
      signal: c.req.raw.signal,
    });
    const body = JSON.stringify({ ...job, urls: jobUrls(job.id), ...(await findPlace(job)) });
    const tag = jobTag(job.version, body);
    c.header('ETag', tag);
    if (matchesTag(known, tag)) return c.body(null, 304);
    return c.body(body, 200, { 'Content-Type': 'application/json' });
  };
}
