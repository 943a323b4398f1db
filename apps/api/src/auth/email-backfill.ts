import type { Log } from '@darkroom/core/runtime/log/log';
import type { Database } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import type { User } from '@darkroom/db/users/users';

/**
 * Finds the address of users whose tokens hold none and whose row still has a placeholder. It works in the
 * background: no request waits for it, and no failure of it is anyone's problem.
 */
export interface EmailBackfill {
  /** This user was seen; `row` where it is at hand. Looks into it at most once a minute a user. */
  note(userId: string, row?: User): void;
  /** Gives up what is under way. Idempotent; always resolves. */
  close(): Promise<void>;
}

export function createEmailBackfill(deps: {
  db: Pick<Database, 'ensureUser'>;
  findEmail: (userId: string, signal: AbortSignal) => Promise<string | null>;
  defaultCredits: number;
  log: Log;
  now: () => number;
}): EmailBackfill {
  const { db, findEmail, defaultCredits, log, now } = deps;
  /** When a user may be looked into again; infinite once the address is known. The oldest is forgotten first. */
  const restingUntil = new Map<string, number>();
  const running = new Set<Promise<void>>();
  const stop = new AbortController();

  return {
    note(userId, row) {
      if (stop.signal.aborted || now() < (restingUntil.get(userId) ?? 0)) return;
      if (row && !isPlaceholder(row.email)) return rest(userId, Number.POSITIVE_INFINITY);
      if (running.size >= maxRunning) return;
      rest(userId, now() + pauseMs);
      const run = lookUp(userId, row).finally(() => running.delete(run));
      running.add(run);
    },
    async close() {
      stop.abort();
      await Promise.all(running);
    },
  };

  async function lookUp(userId: string, row: User | undefined): Promise<void> {
    try {
      const user = row ?? (await db.ensureUser({ userId, email: null, defaultCredits }));
      stop.signal.throwIfAborted();
      const email = isPlaceholder(user.email) ? await findEmail(userId, stop.signal) : user.email;
      if (email === null) return;
      if (isPlaceholder(user.email)) await db.ensureUser({ userId, email, defaultCredits });
      rest(userId, Number.POSITIVE_INFINITY);
    } catch (error) {
      // The next look makes up for an outage, which is told of elsewhere.
      if (!stop.signal.aborted && !(error instanceof DatabaseUnavailable))
        log.fact('unexpected_error', { while: 'finding an address', user_id: userId, error });
    }
  }

  function rest(userId: string, until: number): void {
    restingUntil.delete(userId);
    restingUntil.set(userId, until);
    if (restingUntil.size > maxRemembered) restingUntil.delete(restingUntil.keys().next().value!);
  }
}

const pauseMs = 60_000;
const maxRemembered = 10_000;
const maxRunning = 20;

function isPlaceholder(email: string): boolean {
  return email.endsWith('@users.invalid');
}
