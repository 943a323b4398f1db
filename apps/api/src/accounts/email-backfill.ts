import type { Log } from '@darkroom/core/runtime/log/log';
import { createExpiringMap } from '@darkroom/core/runtime/time/expiring-map';
import type { Database } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import type { User } from '@darkroom/db/users/users';

/**
 * Finds the e-mail address of users whose tokens carry none and whose row still has a placeholder. Runs in the background:
 * no request waits for it or fails because of it.
 */
export interface EmailBackfill {
  /** Starts a lookup for this user, at most once a minute. `row` saves a read if it is at hand. */
  check(userId: string, row?: User): void;
  /** Aborts running lookups and starts no more. Idempotent; always resolves. */
  close(): Promise<void>;
}

const retryMs = 60_000;
const maxUsers = 10_000;
const maxRunning = 20;

/** `now` is monotonic, in milliseconds. */
export function createEmailBackfill(deps: {
  db: Pick<Database, 'ensureUser'>;
  findEmail: (userId: string, signal: AbortSignal) => Promise<string | null>;
  defaultCredits: number;
  log: Log;
  now: () => number;
}): EmailBackfill {
  const { db, findEmail, defaultCredits, log, now } = deps;
  /** Users that need no lookup: for a minute after one, and for good once the address is known. */
  const skipped = createExpiringMap<true>({ maxSize: maxUsers, now });
  const running = new Set<Promise<void>>();
  const stop = new AbortController();

  return {
    check(userId, row) {
      if (stop.signal.aborted || skipped.get(userId)) return;
      if (row && !isPlaceholder(row.email)) return skipped.set(userId, true, Number.POSITIVE_INFINITY);
      if (running.size >= maxRunning) return;
      skipped.set(userId, true, now() + retryMs);
      const lookup = lookUp(userId, row).finally(() => running.delete(lookup));
      running.add(lookup);
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
      skipped.set(userId, true, Number.POSITIVE_INFINITY);
    } catch (error) {
      // An outage of the database is logged elsewhere, and the next lookup makes up for it.
      if (!stop.signal.aborted && !(error instanceof DatabaseUnavailable))
        log.fact('unexpected_error', { while: 'finding an address', user_id: userId, error });
    }
  }
}

function isPlaceholder(email: string): boolean {
  return email.endsWith('@users.invalid');
}
