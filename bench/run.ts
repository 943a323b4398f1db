import { cpus, totalmem } from 'node:os';
import { openServers } from './deployment/servers.ts';
import { drain } from './suites/drain.ts';
import { growth } from './suites/growth.ts';
import { inFlight } from './suites/in-flight.ts';
import { intake } from './suites/intake.ts';
import { overhead } from './suites/overhead.ts';
import { push } from './suites/push.ts';
import { recovery } from './suites/recovery.ts';
import type { Context, Suite, SuiteResult } from './suites/suite.ts';

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

/** Runs the suites one after the other, each on new servers, so that none affects the next. */
export async function runSuites(
  names: readonly string[],
  options: Omit<Context, 'servers'>,
): Promise<Recorded[]> {
  const results: Recorded[] = [];
  for (const name of names) {
    options.say(name);
    const startedAt = performance.now();
    const servers = await openServers();
    try {
      const result = await suites[name]!({ ...options, servers });
      results.push({
        ...result,
        measuredAt: new Date().toISOString().slice(0, 16),
        machine: `${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}`,
        node: process.version,
        seconds: Math.round((performance.now() - startedAt) / 1_000),
        quick: options.quick,
      });
    } finally {
      await servers.stop();
    }
    options.say(`  ${Math.round((performance.now() - startedAt) / 1_000)} s`);
  }
  return results;
}
