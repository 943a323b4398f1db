import { loadConfig } from '@darkroom/core/runtime/config/load';
import { probeDataApi } from '../operators/probe-data-api.ts';
import { readMigrations } from './files.ts';
import { migrate } from './migrate.ts';
import { awaitMigrations } from './wait.ts';

const log = (line: string) => void process.stderr.write(`  ${line}\n`);

try {
  // Before a process of this release starts, where something else migrates.
  if (process.argv.includes('--wait')) await wait();
  else await apply();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = (error as Error).name === 'ConfigError' ? 78 : 1;
}

async function apply(): Promise<void> {
  const config = loadConfig(process.env, 'migrate');
  const applied = await migrate(config.databaseUrl, { log });
  process.stdout.write(
    applied.length === 0
      ? 'Nothing to do: the database has these migrations, or those of a later release.\n'
      : `Applied ${applied.length} files of migrations/.\n`,
  );
}

async function wait(): Promise<void> {
  const { url: supabaseUrl, secretKey: key } = loadConfig(process.env, 'ops').supabase;
  await awaitMigrations({
    wanted: await readMigrations(),
    ask: () => probeDataApi({ supabaseUrl, key, timeoutMs: 5_000 }),
    timeoutMs: 900_000,
    log,
  });
  process.stdout.write('The database has every migration of this release.\n');
}
