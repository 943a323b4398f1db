import { Hono } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { limitWebhookBody } from '../../http/incoming-webhook.ts';
import { type ReceiveClerkDeps, receiveClerk } from './receive-clerk.ts';

export function accountRoutes(deps: ReceiveClerkDeps): Hono<ApiEnv> {
  return new Hono<ApiEnv>().post('/webhooks/clerk', limitWebhookBody, receiveClerk(deps));
}
