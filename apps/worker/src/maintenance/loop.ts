import type { Log } from '@darkroom/core/runtime/log/log';

export interface LoopDeps {
  /** One pass. What it throws is logged, and the loop goes on. */
  pass(): Promise<void>;
  log: Log;
  random: () => number;
  /** Between the end of a pass and the next, drawn anew each time, so that many workers spread out. */
  everyMs?: { min: number; max: number };
  /** Before the first pass, at most. */
  firstWithinMs?: number;
}

export interface Loop {
  start(): void;
  /** No pass begins any more; resolves when the running one has ended. Idempotent. */
  stop(): Promise<void>;
}

/** Runs a pass again and again, one at a time. */
export function createLoop(deps: LoopDeps): Loop {
  const { pass, log, random, everyMs = { min: 6_000, max: 10_000 }, firstWithinMs = 1_000 } = deps;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let state: 'new' | 'started' | 'stopped' = 'new';

  return {
    start() {
      if (state !== 'new') return;
      state = 'started';
      schedule(random() * firstWithinMs);
    },
    async stop() {
      state = 'stopped';
      clearTimeout(timer);
      await running;
    },
  };

  function schedule(delayMs: number): void {
    timer = setTimeout(() => {
      running = run();
    }, delayMs);
  }

  async function run(): Promise<void> {
    try {
      await pass();
    } catch (error) {
      log.fact('sweep_failed', { error });
    }
    if (state === 'started') schedule(everyMs.min + random() * (everyMs.max - everyMs.min));
  }
}
