import type { Hints } from '@darkroom/core/queue/hints';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Database } from '@darkroom/db/database';

/**
 * Cancels jobs promptly when their `Cancel-After` is over. Best effort: the time is in the row, and the workers' sweeps
 * cancel what a stopped process leaves.
 */
export interface CancelTimers {
  /** Cancels due jobs in `ms` milliseconds. */
  set(ms: number): void;
  /** Clears the timers. Idempotent; resolves when running cancellations have ended. */
  close(): Promise<void>;
}

/** The database starts counting slightly later than this process. */
const marginMs = 50;
const maxTimers = 10_000;

export function createCancelTimers(deps: {
  db: Pick<Database, 'cancelDue'>;
  hints: Pick<Hints, 'publish'>;
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
        const cancellation = cancelDue().finally(() => running.delete(cancellation));
        running.add(cancellation);
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
      log.fact('database_unavailable', { while: 'canceling due jobs', error });
    }
  }
}
