import { loadConfig } from '@darkroom/core/config/load';
import { migrate } from './migrate.ts';

try {
  const config = loadConfig(process.env, 'migrate');
  const applied = await migrate(config.databaseUrl, { log: (line) => process.stderr.write(`  ${line}\n`) });
  process.stdout.write(
    applied.length === 0 ? 'The database is up to date.\n' : `Applied ${applied.length} migrations.\n`,
  );
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = (error as Error).name === 'ConfigError' ? 78 : 1;
}
