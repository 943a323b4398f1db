import type { Database } from '@darkroom/db/database';
import { Hono } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { followJob } from './follow-job.ts';
import { followUser } from './follow-user.ts';
import type { StreamDeps } from './respond.ts';

export interface ChangeDeps extends StreamDeps {
  db: Pick<Database, 'getJob' | 'listChanges'>;
}

export function changeRoutes(deps: ChangeDeps): Hono<ApiEnv> {
  return new Hono<ApiEnv>().get('/v1/jobs/:id/events', followJob(deps)).get('/v1/events', followUser(deps));
}
