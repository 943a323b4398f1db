import type { Call } from '../transport/call.ts';

export interface User {
  id: string;
  email: string;
  credits: number;
  created_at: string;
}

export interface UserOperations {
  /** Creates the user with `defaultCredits` at first sight; fills in a missing e-mail when it is known and free. */
  ensureUser(user: { userId: string; email: string | null; defaultCredits: number }): Promise<User>;
}

export function userOperations(call: Call): UserOperations {
  return {
    async ensureUser({ userId, email, defaultCredits }) {
      const row: User = await call('ensure_user', {
        p_user_id: userId,
        p_email: email,
        p_default_credits: defaultCredits,
      });
      return { id: row.id, email: row.email, credits: row.credits, created_at: row.created_at };
    },
  };
}
