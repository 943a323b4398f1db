import type { Database, User } from '../database.ts';
import type { Door } from '../open.ts';

export function userOperations({
  client,
  call,
}: Door): Pick<Database, 'ensureUser' | 'getSubscription' | 'ping'> {
  return {
    async ensureUser({ userId, email, defaultCredits }) {
      const row: User = await call(() =>
        client.rpc('ensure_user', { p_user_id: userId, p_email: email, p_default_credits: defaultCredits }),
      );
      return { id: row.id, email: row.email, credits: row.credits, created_at: row.created_at };
    },

    async getSubscription({ userId }) {
      const rows = await call(() =>
        client
          .from('subscriptions')
          .select('status,price_id,current_period_end')
          .eq('user_id', userId)
          .limit(1),
      );
      return rows?.[0] ?? null;
    },

    async ping({ timeoutMs }) {
      await call(() => client.from('workers').select('id').limit(1), { timeoutMs, repeats: 0 });
    },
  };
}
