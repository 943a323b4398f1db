import { verifyWebhook } from '@clerk/backend/webhooks';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Database } from '@darkroom/db/database';
import type { Context, Handler } from 'hono';
import type { DeletedUsers } from '../../auth/deleted-users.ts';
import type { ApiEnv } from '../../http/env.ts';
import { readClerkEvent } from './clerk-event.ts';
import { badSignature, notConfigured } from './refuse.ts';
import { tellTaken } from './tell.ts';

/**
 * `POST /webhooks/clerk`: a user was made, changed or deleted. Signed by Clerk; harmless when repeated or out of order.
 * What is not about users is taken and left alone.
 */
export function receiveClerk(deps: {
  db: Pick<Database, 'takeClerkEvent'>;
  deletedUsers: DeletedUsers;
  log: Log;
  signingSecret: string | undefined;
  defaultCredits: number;
}): Handler<ApiEnv> {
  const { db, deletedUsers, log, signingSecret, defaultCredits } = deps;
  return async (c) => {
    if (!signingSecret) throw notConfigured('CLERK_WEBHOOK_SIGNING_SECRET');
    const event = readClerkEvent(await verified(c, signingSecret), {
      id: c.req.header('svix-id') ?? '',
      sentAt: Number(c.req.header('svix-timestamp')) * 1_000,
    });
    if (event === null) return c.json({ received: true, outcome: 'ignored' });
    const taken = await db.takeClerkEvent(event, { defaultCredits });
    if (event.type === 'user.deleted') deletedUsers.note(event.userId);
    tellTaken(log, { source: 'clerk', ...event }, { user_id: event.userId, ...taken });
    return c.json({ received: true, outcome: taken.outcome });
  };

  async function verified(c: Context<ApiEnv>, secret: string): Promise<unknown> {
    try {
      return await verifyWebhook(c.req.raw, { signingSecret: secret });
    } catch (error) {
      throw badSignature(log, 'clerk', error);
    }
  }
}
