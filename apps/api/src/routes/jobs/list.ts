import { jobStatuses } from '@darkroom/core/job/job';
import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import { z } from 'zod';
import type { ApiEnv } from '../../http/env.ts';
import { pageQuery } from '../../http/page-query.ts';
import { validate } from '../../problem/validation.ts';

export const jobsQuery = pageQuery.extend({ status: z.enum(jobStatuses).nullish().default(null) });

/** `GET /v1/jobs`: the user's own jobs, newest first. */
export function listJobs({ db }: { db: Pick<Database, 'listJobs'> }): Handler<ApiEnv> {
  return async (c) => {
    const { status, limit, cursor } = validate(jobsQuery, c.req.query());
    return c.json(await db.listJobs({ userId: c.get('user').id, status: status ?? null, limit, cursor }));
  };
}
