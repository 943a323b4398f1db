import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { EmailBackfill } from '../../auth/email-backfill.ts';
import type { ApiEnv } from '../../http/env.ts';

/** `GET /v1/me`: who is signed in, and what they have. Makes the user at first sight. */
export function showMe(deps: {
  db: Pick<Database, 'ensureUser' | 'getSubscription'>;
  emails: EmailBackfill;
  defaultCredits: number;
}): Handler<ApiEnv> {
  const { db, emails, defaultCredits } = deps;
  return async (c) => {
    const { id: userId, email } = c.get('user');
    const [user, subscription] = await Promise.all([
      db.ensureUser({ userId, email, defaultCredits }),
      db.getSubscription({ userId }),
    ]);
    emails.note(userId, user);
    return c.json({ id: user.id, email: user.email, credits: user.credits, subscription });
  };
}
