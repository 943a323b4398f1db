import type { Log } from '@darkroom/core/runtime/log/log';
import type { Database } from '@darkroom/db/database';
import type { Context, Handler } from 'hono';
import Stripe from 'stripe';
import type { ApiEnv } from '../../http/env.ts';
import { invalidSignature, logWebhook, webhookNotConfigured } from '../../http/incoming-webhook.ts';
import { type PriceCredits, readStripeEvent } from './stripe-event.ts';

export interface ReceiveStripeDeps {
  db: Pick<Database, 'takeStripeEvent'>;
  log: Log;
  /** STRIPE_WEBHOOK_SECRET; without it events are rejected with 503. */
  stripeWebhookSecret?: string;
  priceCredits: PriceCredits;
}

/**
 * `POST /webhooks/stripe`: a payment or a change of a subscription. Signed by Stripe. Events may repeat and arrive in any
 * order. An event that cannot be credited is kept in `webhook_events`, logged as an alert and acknowledged; resent from
 * Stripe's dashboard, it is evaluated again.
 */
export function receiveStripe(deps: ReceiveStripeDeps): Handler<ApiEnv> {
  const { db, log, stripeWebhookSecret, priceCredits } = deps;
  return async (c) => {
    if (!stripeWebhookSecret) throw webhookNotConfigured('STRIPE_WEBHOOK_SECRET');
    const event = readStripeEvent(await verified(c, stripeWebhookSecret), priceCredits);
    if (event === null) return c.json({ received: true, outcome: 'ignored' });
    const taken = await db.takeStripeEvent(event);
    logWebhook(log, { source: 'stripe', ...event }, taken);
    return c.json({ received: true, outcome: taken.outcome });
  };

  /** The signature covers the raw bytes of the body. */
  async function verified(c: Context<ApiEnv>, secret: string): Promise<unknown> {
    const body = Buffer.from(await c.req.arrayBuffer());
    try {
      return Stripe.webhooks.constructEvent(body, c.req.header('stripe-signature') ?? '', secret);
    } catch (error) {
      throw invalidSignature(log, 'stripe', error);
    }
  }
}
