import { cpus, totalmem } from 'node:os';
import { drain } from './suites/drain.ts';
import { growth } from './suites/growth.ts';
import { inFlight } from './suites/in-flight.ts';
import { intake } from './suites/intake.ts';
import { overhead } from './suites/overhead.ts';
import { push } from './suites/push.ts';
import { recovery } from './suites/recovery.ts';
import type { Context, Suite, SuiteResult } from './suites/suite.ts';
import { openGround } from './world/ground.ts';

export const suites: Record<string, Suite> = {
  intake,
  drain,
  overhead,
  push,
  'in-flight': inFlight,
  growth,
  recovery,
};

export interface Recorded extends SuiteResult {
  measuredAt: string;
  machine: string;
  node: string;
  seconds: number;
  quick: boolean;
}

/** One after the other, each on servers of its own, so that none leaves anything to the next. */
export async function runSuites(
  names: readonly string[],
  options: Omit<Context, 'ground'>,
): Promise<Recorded[]> {
  const results: Recorded[] = [];
  for (const name of names) {
    options.say(name);
    const startedAt = performance.now();
    const ground = await openGround();
    try {
      const result = await suites[name]!({ ...options, ground });
      results.push({
        ...result,
        measuredAt: new Date().toISOString().slice(0, 16),
        machine: `${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}`,
        node: process.version,
        seconds: Math.round((performance.now() - startedAt) / 1_000),
        quick: options.quick,
      });
    } finally {
      await ground.stop();
    }
    options.say(`  ${Math.round((performance.now() - startedAt) / 1_000)} s`);
  }
  return results;
}
