import type { Log } from '@darkroom/core/runtime/log/log';

export interface ChangePoller {
  /** Polls every `everyMs` from now on. Idempotent. */
  start(): void;
  /** Polls the hinted jobs: at once while the burst allowance lasts, then at most every {@link hintGapMs}. */
  pollSoon(): void;
  /** Stops polling until the next `start`. */
  pause(): void;
  /** Stops polling for good. */
  stop(): void;
}

/** Milliseconds between two polls of hinted jobs under sustained hints: 20 polls a second. */
const hintGapMs = 50;
/** Polls that may follow each other without that gap after a quiet time. Two jobs take about that many steps. */
const burst = 10;

/**
 * Calls `pollAll` every `everyMs` milliseconds (default 1,000) and `pollHinted` in between when hints arrive. Polls never
 * overlap, so an older result cannot arrive after a newer one. A series of failures is logged once; the next poll makes up
 * for a failed one.
 */
export function createChangePoller(deps: {
  pollAll(): Promise<void>;
  pollHinted(): Promise<void>;
  log: Log;
  everyMs?: number;
}): ChangePoller {
  const { pollAll, pollHinted, log, everyMs = 1_000 } = deps;
  let state: 'paused' | 'started' | 'stopped' = 'paused';
  let polling = false;
  let failing = false;
  let dueAt = 0;
  /** When the burst allowance is full again. */
  let burstFullAt = Number.NEGATIVE_INFINITY;
  let hinted = false;
  let timer: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;

  return {
    start() {
      if (state !== 'paused') return;
      state = 'started';
      dueAt = performance.now() + everyMs;
      schedule();
    },
    pollSoon() {
      if (hinted) return;
      hinted = true;
      schedule();
    },
    pause: () => halt('paused'),
    stop: () => halt('stopped'),
  };

  function halt(next: 'paused' | 'stopped'): void {
    if (state !== 'stopped') state = next;
    hinted = false;
    unschedule();
  }

  function schedule(): void {
    unschedule();
    if (state !== 'started' || polling) return;
    const now = performance.now();
    const untilDueMs = dueAt - now;
    const untilAllowedMs = burstFullAt - (burst - 1) * hintGapMs - now;
    const waitMs = hinted ? Math.min(untilAllowedMs, untilDueMs) : untilDueMs;
    // setImmediate batches the hints of one message and starts a millisecond earlier than a timer would.
    if (waitMs <= 0) immediate = setImmediate(poll);
    else timer = setTimeout(poll, Math.ceil(waitMs));
  }

  function unschedule(): void {
    clearTimeout(timer);
    clearImmediate(immediate);
  }

  async function poll(): Promise<void> {
    polling = true;
    hinted = false;
    const now = performance.now();
    burstFullAt = Math.max(burstFullAt, now) + hintGapMs;
    const isDue = now >= dueAt;
    if (isDue) dueAt = now + everyMs;
    try {
      await (isDue ? pollAll() : pollHinted());
      if (failing) log.fact('database_recovered', { while: 'looking for changes' });
      failing = false;
    } catch (error) {
      if (!failing) log.fact('database_unavailable', { while: 'looking for changes', error });
      failing = true;
    } finally {
      polling = false;
      schedule();
    }
  }
}
