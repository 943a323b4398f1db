import type { Log } from '@darkroom/core/runtime/log/log';

export interface Lookout {
  /** Looks every second from now on. Idempotent. */
  start(): void;
  /** Looks at what was hinted at: at once, unless there were many looks lately. */
  hurry(): void;
  /** Looks no more until the next start. */
  rest(): void;
  /** For good. */
  stop(): void;
}

/** Between two looks at what was hinted at, in milliseconds: twenty a second for as long as hints go on. */
const restMs = 50;
/** So many looks may follow each other without that rest when there were none before: those of two jobs' steps. */
const burst = 10;

/**
 * Looks at everything each `everyMs`, and between that at what was hinted at. One look at a time, so that an older
 * answer never comes after a newer one. A look that fails is told once, and the next one makes up for it.
 */
export function createLookout(deps: {
  lookAtAll(): Promise<void>;
  lookAtHinted(): Promise<void>;
  log: Log;
  everyMs?: number;
}): Lookout {
  const { lookAtAll, lookAtHinted, log, everyMs = 1_000 } = deps;
  let state: 'resting' | 'started' | 'stopped' = 'resting';
  let busy = false;
  let failing = false;
  let dueAt = 0;
  /** When all looks taken so far are rested from. */
  let restedAt = Number.NEGATIVE_INFINITY;
  let hurrying = false;
  let timer: NodeJS.Timeout | undefined;
  let soon: NodeJS.Immediate | undefined;

  return {
    start() {
      if (state !== 'resting') return;
      state = 'started';
      dueAt = performance.now() + everyMs;
      schedule();
    },
    hurry() {
      if (hurrying) return;
      hurrying = true;
      schedule();
    },
    rest: () => end('resting'),
    stop: () => end('stopped'),
  };

  function end(as: 'resting' | 'stopped'): void {
    if (state !== 'stopped') state = as;
    hurrying = false;
    unschedule();
  }

  function schedule(): void {
    unschedule();
    if (state !== 'started' || busy) return;
    const now = performance.now();
    const untilDue = dueAt - now;
    const untilRested = restedAt - (burst - 1) * restMs - now;
    const waitMs = hurrying ? Math.min(untilRested, untilDue) : untilDue;
    // Not within this turn: hints that came in one piece are looked at together. A timer would take a millisecond more.
    if (waitMs <= 0) soon = setImmediate(look);
    else timer = setTimeout(look, Math.ceil(waitMs));
  }

  function unschedule(): void {
    clearTimeout(timer);
    clearImmediate(soon);
  }

  async function look(): Promise<void> {
    busy = true;
    hurrying = false;
    const now = performance.now();
    restedAt = Math.max(restedAt, now) + restMs;
    const all = now >= dueAt;
    if (all) dueAt = now + everyMs;
    try {
      await (all ? lookAtAll() : lookAtHinted());
      if (failing) log.fact('database_recovered', { while: 'looking for changes' });
      failing = false;
    } catch (error) {
      if (!failing) log.fact('database_unavailable', { while: 'looking for changes', error });
      failing = true;
    } finally {
      busy = false;
      schedule();
    }
  }
}
