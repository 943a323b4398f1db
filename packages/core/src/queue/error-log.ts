import type { Log } from '../runtime/log/log.ts';

const windowMs = 60_000;
const maxPerWindow = 10;

/**
 * Creates a function that logs errors of BullMQ, at most ten a minute. The next one that is logged carries the number of
 * those suppressed before it. `now` is in milliseconds.
 */
export function createErrorLog({ log, now = Date.now }: { log: Log; now?: () => number }) {
  let windowEndsAt = 0;
  let logged = 0;
  let suppressed = 0;

  return function logError(error: unknown): void {
    if (now() >= windowEndsAt) {
      windowEndsAt = now() + windowMs;
      logged = 0;
    }
    if (logged >= maxPerWindow) {
      suppressed += 1;
      return;
    }
    logged += 1;
    log.fact('queue_error', { error, ...(suppressed > 0 ? { suppressed } : {}) });
    suppressed = 0;
  };
}
