import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runner } from 'node-pg-migrate';
import pg from 'pg';

const directory = path.resolve(import.meta.dirname, '../../../../migrations');
const lockKey = 4_120_117_705;
const lockNotAvailable = '55P03';

/**
 * Brings a database up to date with `migrations/`, each file once, in order.
 * Two that start at once take turns: the second waits and then finds nothing to do. A migration that cannot
 * get its lock within its own `lock_timeout` is given up and tried again, so that it never holds the live
 * application up; what was applied before stays applied.
 * @param databaseUrl a direct or session-mode connection; the role must be able to create tables and roles.
 * @returns the names of the migrations that were applied now.
 * @throws the first migration's error that is not a missed lock; that migration is rolled back.
 */
export async function migrate(
  databaseUrl: string,
  options: { log?: (line: string) => void; lockWaitMs?: number } = {},
): Promise<string[]> {
  const turn = new pg.Client({ connectionString: databaseUrl, application_name: 'darkroom migrate' });
  await turn.connect();
  try {
    await takeTurn(turn, options.lockWaitMs ?? 300_000);
    const applied = await applyPending(databaseUrl, options.log ?? (() => {}));
    if (applied.length > 0) await turn.query("notify pgrst, 'reload schema'");
    return applied;
  } finally {
    // Ending the session gives the lock back.
    await turn.end();
  }
}

/** Tried again and again, not waited for: a waiting statement's snapshot would block `create index concurrently`. */
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

async function applyPending(databaseUrl: string, log: (line: string) => void): Promise<string[]> {
  const applied: string[] = [];
  const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  for (let missed = 0; ; missed += 1) {
    const client = new pg.Client({ connectionString: databaseUrl, application_name: 'darkroom migrate' });
    await client.connect();
    try {
      const done = await runner({
        dbClient: client,
        dir: directory,
        ignorePattern: '\\..*|.*(?<!\\.sql)$',
        direction: 'up',
        migrationsSchema: 'darkroom',
        migrationsTable: 'migrations',
        createMigrationsSchema: true,
        noLock: true,
        logger: silent,
        migrationLoaderStrategies: [{ extensions: ['.sql'], loader: loadSql(log, applied) }],
      });
      void done;
      return applied;
    } catch (error) {
      const code = (error as { code?: string }).code;
      if (code !== lockNotAvailable || missed >= 20) throw error;
      log(`a table was busy (lock_timeout); trying again (${missed + 1} of 20)`);
      await sleep(250 + 250 * missed);
    } finally {
      await client.end();
    }
  }
}

/** Plain SQL, one transaction a file; a file that opens with `-- no-transaction` runs statement by statement. */
function loadSql(log: (line: string) => void, applied: string[]) {
  return async (filePaths: string[]) =>
    Promise.all(
      filePaths.map(async (filePath) => {
        const sql = await readFile(filePath, 'utf8');
        const name = path.basename(filePath, '.sql');
        return {
          id: filePath,
          filePaths: [filePath],
          actions: {
            up: (pgm: { noTransaction(): void; sql(sql: string): void }) => {
              log(name);
              if (!applied.includes(name)) applied.push(name);
              if (!sql.startsWith('-- no-transaction')) return pgm.sql(sql);
              pgm.noTransaction();
              for (const statement of sql.split(/;\s*$/m)) if (statement.trim() !== '') pgm.sql(statement);
            },
            down: false as const,
          },
        };
      }),
    );
}
