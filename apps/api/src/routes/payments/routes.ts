import { Hono } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { limitWebhookBody } from '../../http/incoming-webhook.ts';
import { type ReceiveStripeDeps, receiveStripe } from './receive-stripe.ts';

export function paymentRoutes(deps: ReceiveStripeDeps): Hono<ApiEnv> {
  return new Hono<ApiEnv>().post('/webhooks/stripe', limitWebhookBody, receiveStripe(deps));
}
