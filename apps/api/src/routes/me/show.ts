import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { EmailBackfill } from '../../accounts/email-backfill.ts';
import type { ApiEnv } from '../../http/env.ts';

export interface ShowMeDeps {
  db: Pick<Database, 'ensureUser' | 'getSubscription'>;
  emailBackfill: Pick<EmailBackfill, 'check'>;
  defaultCredits: number;
}

/** `GET /v1/me`: the signed-in user, with credits and subscription. Creates the user's row on the first request. */
export function showMe(deps: ShowMeDeps): Handler<ApiEnv> {
  const { db, emailBackfill, defaultCredits } = deps;
  return async (c) => {
    const { id: userId, email } = c.get('user');
    const [user, subscription] = await Promise.all([
      db.ensureUser({ userId, email, defaultCredits }),
      db.getSubscription({ userId }),
    ]);
    emailBackfill.check(userId, user);
    return c.json({ id: user.id, email: user.email, credits: user.credits, subscription });
  };
}
