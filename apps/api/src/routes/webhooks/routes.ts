import type { Database } from '@darkroom/db/database';
import { Hono } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { listWebhookDeliveries } from './list-deliveries.ts';

export function webhookRoutes(deps: { db: Pick<Database, 'getJob' | 'listWebhooks'> }): Hono<ApiEnv> {
  return new Hono<ApiEnv>().get('/v1/jobs/:id/deliveries', listWebhookDeliveries(deps));
}
