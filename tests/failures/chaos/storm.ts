import { setTimeout as sleep } from 'node:timers/promises';
import type { Deployment } from './deployment/start.ts';
import type { Nemesis, Severity } from './nemeses/nemesis.ts';
import type { Random } from './random.ts';

/** One strike of a nemesis. Times in milliseconds of the run. */
export interface Strike {
  nemesis: string;
  /** What exactly it did, or how it failed. */
  did: string;
  failed: boolean;
  from: number;
  to: number;
}

export interface Storm {
  readonly strikes: readonly Strike[];
  /** The nemeses that are at work. */
  readonly active: readonly string[];
  /** No further strikes; those under way are cut short. Resolves when everything they broke is mended. */
  end(): Promise<void>;
}

/** Pause between two strikes of a lane, in milliseconds. */
const pauseMs: Record<Severity, readonly [number, number]> = { short: [800, 3_000], long: [1_000, 8_000] };

/**
 * Lets nemeses strike, one at a time in each lane, until it is told to end. Each comes once before any comes again;
 * the seed decides which, when and how.
 */
export function startStorm(options: {
  deployment: Deployment;
  nemeses: readonly Nemesis[];
  severity: Severity;
  random: Random;
  /** Milliseconds since the run began. */
  now: () => number;
}): Storm {
  const { deployment, severity, now } = options;
  const ending = new AbortController();
  const { signal } = ending;
  const strikes: Strike[] = [];
  const active = new Set<string>();
  const fitting = options.nemeses.filter(({ only }) => !only || only === deployment.queue);

  async function runLane(lane: Nemesis['lane']): Promise<void> {
    const random = options.random.fork(lane);
    const own = fitting.filter((nemesis) => nemesis.lane === lane);
    let bag: Nemesis[] = [];
    let count = 0;
    while (!signal.aborted && own.length > 0) {
      await pause(random.between(...pauseMs[severity]));
      if (signal.aborted) return;
      if (bag.length === 0) bag = random.shuffle(own);
      await strike(bag.pop()!, random.fork(String(++count)));
    }
  }

  async function strike(nemesis: Nemesis, random: Random): Promise<void> {
    const from = now();
    active.add(nemesis.name);
    const lastsMs = random.between(...nemesis.lasts[severity]);
    const how = {
      random,
      lastsMs,
      pause,
      get over() {
        return signal.aborted;
      },
    };
    const outcome = await nemesis.strike(deployment, how).then(
      (did) => ({ did, failed: false }),
      (error: unknown) => ({ did: error instanceof Error ? error.message : String(error), failed: true }),
    );
    active.delete(nemesis.name);
    strikes.push({ nemesis: nemesis.name, ...outcome, from, to: now() });
  }

  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => {});
  const lanes = [runLane('processes'), runLane('parts')];

  return {
    strikes,
    get active() {
      return [...active];
    },
    async end() {
      ending.abort();
      await Promise.all(lanes);
    },
  };
}
