import { verifyWebhook } from '@clerk/backend/webhooks';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Database } from '@darkroom/db/database';
import type { Context, Handler } from 'hono';
import type { DeletedUsers } from '../../accounts/deleted-users.ts';
import type { ApiEnv } from '../../http/env.ts';
import { invalidSignature, logWebhook, webhookNotConfigured } from '../../http/incoming-webhook.ts';
import { readClerkEvent } from './clerk-event.ts';

export interface ReceiveClerkDeps {
  db: Pick<Database, 'takeClerkEvent'>;
  deletedUsers: Pick<DeletedUsers, 'add'>;
  log: Log;
  /** CLERK_WEBHOOK_SIGNING_SECRET; without it events are rejected with 503. */
  clerkWebhookSecret?: string;
  defaultCredits: number;
}

/**
 * `POST /webhooks/clerk`: a user was created, changed or deleted. Signed by Clerk. Events may repeat and arrive in any
 * order. Other kinds of events are acknowledged and ignored.
 */
export function receiveClerk(deps: ReceiveClerkDeps): Handler<ApiEnv> {
  const { db, deletedUsers, log, clerkWebhookSecret, defaultCredits } = deps;
  return async (c) => {
    if (!clerkWebhookSecret) throw webhookNotConfigured('CLERK_WEBHOOK_SIGNING_SECRET');
    const event = readClerkEvent(await verified(c, clerkWebhookSecret), {
      id: c.req.header('svix-id') ?? '',
      sentAt: Number(c.req.header('svix-timestamp')) * 1_000,
    });
    if (event === null) return c.json({ received: true, outcome: 'ignored' });
    const taken = await db.takeClerkEvent(event, { defaultCredits });
    if (event.type === 'user.deleted') deletedUsers.add(event.userId);
    logWebhook(log, { source: 'clerk', ...event }, { user_id: event.userId, ...taken });
    return c.json({ received: true, outcome: taken.outcome });
  };

  async function verified(c: Context<ApiEnv>, signingSecret: string): Promise<unknown> {
    try {
      return await verifyWebhook(c.req.raw, { signingSecret });
    } catch (error) {
      throw invalidSignature(log, 'clerk', error);
    }
  }
}
