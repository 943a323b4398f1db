import type { Hints } from '@darkroom/core/queue/hints';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Database } from '@darkroom/db/database';

/**
 * Cancels jobs on the second when the time their client gave them is over. Only a hurry: the time is in the row, and
 * the workers' sweeps find what a process that is gone has left.
 */
export interface CancelTimers {
  /** Looks for what is due in `ms`. */
  set(ms: number): void;
  /** Sets no more. Idempotent; resolves when what runs has ended. */
  close(): Promise<void>;
}

/** The database's clock began to count a little later than ours. */
const marginMs = 50;
const maxTimers = 10_000;

export function createCancelTimers(deps: {
  db: Pick<Database, 'cancelDue'>;
  hints: Hints;
  log: Log;
}): CancelTimers {
  const { db, hints, log } = deps;
  const timers = new Set<NodeJS.Timeout>();
  const running = new Set<Promise<void>>();
  let closed = false;

  return {
    set(ms) {
      if (closed || timers.size >= maxTimers) return;
      const timer = setTimeout(() => {
        timers.delete(timer);
        const run = cancelDue().finally(() => running.delete(run));
        running.add(run);
      }, ms + marginMs);
      timers.add(timer);
    },
    async close() {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      await Promise.all(running);
    },
  };

  async function cancelDue(): Promise<void> {
    try {
      for (const hint of await db.cancelDue({ limit: 100 })) {
        log.fact('job_canceled', { job_id: hint.jobId, user_id: hint.userId, cause: 'Cancel-After' });
        hints.publish(hint);
      }
    } catch (error) {
      log.fact('database_unavailable', { while: 'canceling what is due', error });
    }
  }
}
