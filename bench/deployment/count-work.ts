import { Redis } from 'ioredis';
import type pg from 'pg';
import type { Servers } from './servers.ts';

export interface Counted<Result> {
  result: Result;
  /** `own`: transactions of the benchmark itself, which are subtracted. */
  describe(what: string, count: number, own?: number): string;
}

/** Counts the work of both servers during `run`: transactions of one database, and commands by name. */
export async function countWork<Result>(
  servers: Servers,
  pool: pg.Pool,
  run: () => Promise<Result>,
): Promise<Counted<Result>> {
  const redis = new Redis(servers.redis.url);
  const transactions = async () => {
    await pool.query('select pg_stat_force_next_flush()');
    const { rows } = await pool.query(
      'select xact_commit::integer as commits from pg_stat_database where datname = current_database()',
    );
    return rows[0].commits as number;
  };
  const before = await transactions();
  await redis.config('RESETSTAT');
  const result = await run();
  // Postgres reports its counts a second late.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const commits = (await transactions()) - before;
  const commands = readCommands(await redis.info('commandstats'));
  redis.disconnect();
  return {
    result,
    describe(what, count, own = 0) {
      const each = (number: number) => (number / count).toFixed(1);
      const byName = [...commands]
        .sort((a, b) => b[1] - a[1])
        .slice(0, 12)
        .map(([name, calls]) => `${name} ${each(calls)}`);
      const total = [...commands.values()].reduce((sum, calls) => sum + calls, 0);
      return (
        `Per ${what}: ${each(commits - own)} transactions in Postgres and ${each(total)} commands in Redis, including ` +
        `those in scripts (${byName.join(', ')}).`
      );
    },
  };
}

function readCommands(info: string): Map<string, number> {
  const found = info.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm);
  const ours = new Set(['info', 'config|resetstat', 'ping']);
  return new Map(
    [...found].map(([, name, calls]) => [name!, Number(calls)] as const).filter(([name]) => !ours.has(name)),
  );
}
