import type { Queue } from '@darkroom/core/queue/queue';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Storage } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';
import type { Dependency } from '../health/dependency.ts';
import { createLoop, type Loop } from './loop.ts';
import { createRemovalPass } from './removal/removal.ts';
import { createSweepPass } from './sweep/sweep.ts';

/** The store needs less attention than jobs do. */
const removalEveryMs = { min: 8_000, max: 12_000 };

/** The loops of periodic repair: every worker runs them all. */
export function composeMaintenance(deps: {
  db: Database;
  queue: Queue;
  storage: Storage;
  database: Dependency;
  log: Log;
  random: () => number;
  /** Aborts when the worker stops. */
  signal: AbortSignal;
}): Loop {
  const { log, random } = deps;
  const loops = [
    createLoop({ name: 'sweep', pass: createSweepPass(deps), log, random }),
    createLoop({
      name: 'removal',
      pass: createRemovalPass(deps),
      log,
      random,
      everyMs: removalEveryMs,
    }),
  ];
  return {
    start() {
      for (const loop of loops) loop.start();
    },
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
}
