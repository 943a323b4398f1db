import type { Log } from '../runtime/log/log.ts';

const windowMs = 60_000;
const mostInWindow = 10;

/**
 * Passes what BullMQ complains about to the log, ten complaints a minute at most; the next one that is told
 * says how many were not. `now` is in milliseconds.
 */
export function createComplaints({ log, now = Date.now }: { log: Log; now?: () => number }) {
  let windowEnds = 0;
  let told = 0;
  let suppressed = 0;

  return function complain(error: unknown): void {
    if (now() >= windowEnds) {
      windowEnds = now() + windowMs;
      told = 0;
    }
    if (told >= mostInWindow) {
      suppressed += 1;
      return;
    }
    told += 1;
    log.fact('queue_error', { error, ...(suppressed > 0 ? { suppressed } : {}) });
    suppressed = 0;
  };
}
