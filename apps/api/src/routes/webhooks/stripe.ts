import type { Log } from '@darkroom/core/runtime/log/log';
import type { Database } from '@darkroom/db/database';
import type { Context, Handler } from 'hono';
import Stripe from 'stripe';
import type { ApiEnv } from '../../http/env.ts';
import { badSignature, notConfigured } from './refuse.ts';
import { type PriceCredits, readStripeEvent } from './stripe-event.ts';
import { tellTaken } from './tell.ts';

/**
 * `POST /webhooks/stripe`: a payment or a change of a subscription. Signed by Stripe; harmless when repeated or out of
 * order. What cannot be credited is kept in `webhook_events`, told loudly, and taken all the same: sent again from
 * Stripe's dashboard it is looked at anew.
 */
export function receiveStripe(deps: {
  db: Pick<Database, 'takeStripeEvent'>;
  log: Log;
  webhookSecret: string | undefined;
  priceCredits: PriceCredits;
}): Handler<ApiEnv> {
  const { db, log, webhookSecret, priceCredits } = deps;
  return async (c) => {
    if (!webhookSecret) throw notConfigured('STRIPE_WEBHOOK_SECRET');
    const event = readStripeEvent(await verified(c, webhookSecret), priceCredits);
    if (event === null) return c.json({ received: true, outcome: 'ignored' });
    const taken = await db.takeStripeEvent(event);
    tellTaken(log, { source: 'stripe', ...event }, taken);
    return c.json({ received: true, outcome: taken.outcome });
  };

  /** The signature is over the bytes as they came. */
  async function verified(c: Context<ApiEnv>, secret: string): Promise<unknown> {
    const body = Buffer.from(await c.req.arrayBuffer());
    try {
      return Stripe.webhooks.constructEvent(body, c.req.header('stripe-signature') ?? '', secret);
    } catch (error) {
      throw badSignature(log, 'stripe', error);
    }
  }
}
