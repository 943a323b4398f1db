import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { applyAccess } from './access.ts';
import { migrationsFolder, readMigrations } from './files.ts';
import { applyFunctions } from './functions.ts';
import { applyNumbered } from './numbered.ts';
import { prepareState, readLatestRelease, recordRelease } from './state.ts';

const lockKey = 4_120_117_705;
const lockNotAvailable = '55P03';
const deadlockDetected = '40P01';

export interface MigrateOptions {
  log?: (line: string) => void;
  lockWaitMs?: number;
  /** Another `migrations/`, for tests. */
  folder?: string;
}

/**
 * Brings a database up to date with `migrations/`: numbered files once, in order; functions and access files again when
 * their text has changed. Several at once take turns, and the later ones find nothing to do. What cannot get its lock
 * within `lock_timeout` is rolled back and tried again, so it never blocks the live application for long. Changes
 * nothing in a database that a later release has migrated, and says so.
 * @param databaseUrl a direct or session-mode connection; the role must be able to create tables and roles.
 * @returns the names of the files that were applied now.
 * @throws the first error that is not a missed lock; what was applied before stays applied.
 */
export async function migrate(databaseUrl: string, options: MigrateOptions = {}): Promise<string[]> {
  const { log = () => {}, lockWaitMs = 300_000, folder = migrationsFolder } = options;
  const files = await readMigrations(folder);
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'darkroom migrate' });
  await client.connect();
  try {
    await takeTurn(client, lockWaitMs);
    await client.query("set lock_timeout = '5s'");
    await prepareState(client);
    const latest = await readLatestRelease(client);
    if (latest > files.release) {
      log(
        `release ${latest} has migrated this database and this is release ${files.release}: nothing changed`,
      );
      return [];
    }
    const applied: string[] = [];
    const apply = (step: () => Promise<string[]>) => retryWhileBusy(client, step, log);
    const note = (name: string) => {
      log(name);
      applied.push(name);
    };
    await apply(() => applyNumbered(client, files.numbered, note));
    for (const name of await apply(() => applyFunctions(client, files.functions))) note(name);
    await apply(() => applyAccess(client, files.access, note));
    if (applied.length > 0) await client.query("notify pgrst, 'reload schema'");
    await recordRelease(client, files);
    return applied;
  } finally {
    // Ending the session releases the lock.
    await client.end();
  }
}

/** Polls instead of waiting: the snapshot of a waiting statement would block `create index concurrently`. */
async function takeTurn(client: pg.Client, waitMs: number): Promise<void> {
  const until = performance.now() + waitMs;
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [
      lockKey,
    ]);
    if (rows[0]?.taken) return;
    if (performance.now() > until) {
      throw new Error(
        `another migration has been running for ${waitMs / 1000} s: wait for it, or end its session`,
      );
    }
    await sleep(100);
  }
}

/** A step applies what is still to do, so trying it again continues where it stopped. */
async function retryWhileBusy<Result>(
  client: pg.Client,
  step: () => Promise<Result>,
  log: (line: string) => void,
): Promise<Result> {
  for (let missed = 0; ; missed += 1) {
    try {
      return await step();
    } catch (error) {
      await client.query('rollback').catch(() => {});
      const { code } = error as { code?: string };
      if ((code !== lockNotAvailable && code !== deadlockDetected) || missed >= 20) throw error;
      log(`a table was busy (lock_timeout); trying again (${missed + 1} of 20)`);
      await sleep(250 + 250 * missed);
    }
  }
}
