import type { Database, User } from '../database.ts';
import type { Door } from '../open.ts';

export function userOperations({ call }: Door): Pick<Database, 'ensureUser' | 'getSubscription' | 'ping'> {
  return {
    async ensureUser({ userId, email, defaultCredits }) {
      const row: User = await call('ensure_user', {
        p_user_id: userId,
        p_email: email,
        p_default_credits: defaultCredits,
      });
      return { id: row.id, email: row.email, credits: row.credits, created_at: row.created_at };
    },

    getSubscription: ({ userId }) => call('get_subscription', { p_user_id: userId }),

    async ping({ timeoutMs }) {
      await call('ping_database', {}, { timeoutMs, repeats: 0 });
    },
  };
}
