import type { Job } from '@darkroom/core/job/job';
import { type LedgerEntry, type LedgerRow, toLedgerEntry } from '../credits/credits.ts';
import type { Subscription } from '../payments/payments.ts';
import type { User } from '../users/users.ts';
import { jobColumns, movementColumns } from './jobs.ts';
import type { Rest } from './rest.ts';
import { type OperatedJob, withRuns } from './runs.ts';

/** A user with what an operator asks about first. */
export interface UserFile {
  user: User;
  deleted: boolean;
  subscription: Subscription | null;
  /** The latest movements, newest first. */
  ledger: LedgerEntry[];
  /** Unfinished jobs, newest first. */
  active: OperatedJob[];
}

export interface OperatorUsers {
  /** By id or e-mail address; null: there is none. `ledger`: how many movements. */
  findUser(query: { idOrEmail: string; ledger: number }): Promise<UserFile | null>;
}

export function operatorUsers(rest: Rest): OperatorUsers {
  return {
    async findUser({ idOrEmail, ledger }) {
      const column = idOrEmail.includes('@') ? 'email' : 'id';
      const [user] = await rest<User[]>((client) =>
        client.from('users').select('id,email,credits,created_at').eq(column, idOrEmail).limit(1),
      );
      if (!user) return null;
      const [deleted, subscriptions, movements, jobs] = await Promise.all([
        rest<boolean>((client) => client.rpc('is_user_deleted', { p_user_id: user.id })),
        rest<Subscription[]>((client) =>
          client.from('subscriptions').select('status,price_id,current_period_end').eq('user_id', user.id),
        ),
        rest<LedgerRow[]>((client) =>
          client
            .from('credit_ledger')
            .select(movementColumns)
            .eq('user_id', user.id)
            .order('id', { ascending: false })
            .limit(ledger),
        ),
        rest<Job[]>((client) =>
          client
            .from('image_generation_jobs')
            .select(jobColumns)
            .eq('managed', true)
            .eq('user_id', user.id)
            .in('status', ['pending', 'processing'])
            .order('created_at', { ascending: false })
            .limit(100),
        ),
      ]);
      return {
        user,
        deleted,
        subscription: subscriptions[0] ?? null,
        ledger: movements.map(toLedgerEntry),
        active: await withRuns(rest, jobs),
      };
    },
  };
}
