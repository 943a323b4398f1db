import type { Log } from '@darkroom/core/runtime/log/log';

export interface LoopDeps {
  /** Named in the fact that is logged when a pass fails. */
  name: 'sweep' | 'removal';
  /** One pass. If it throws, the error is logged and the loop continues. */
  pass(): Promise<void>;
  log: Log;
  /** From 0 to 1. */
  random: () => number;
  /** From the end of a pass to the start of the next; chosen at random each time, so that workers do not run in step. */
  everyMs?: { min: number; max: number };
  /** The first pass starts within this time. */
  firstWithinMs?: number;
}

export interface Loop {
  start(): void;
  /** Starts no further pass; resolves when the running one has ended. Idempotent. */
  stop(): Promise<void>;
}

/** Repeats a pass, one at a time, until stopped. */
export function createLoop(deps: LoopDeps): Loop {
  const { name, pass, log, random, everyMs = { min: 6_000, max: 10_000 }, firstWithinMs = 1_000 } = deps;
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
      log.fact('maintenance_failed', { loop: name, error });
    }
    if (state === 'started') schedule(everyMs.min + random() * (everyMs.max - everyMs.min));
  }
}
