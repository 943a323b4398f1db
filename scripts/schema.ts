import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { migrate } from '@darkroom/db/migrate/migrate';
import { startPostgres } from '@darkroom/local/postgres/start';
import { createReaper } from '@darkroom/local/processes/reaper';
import { dumpSchema } from './dump-schema.ts';
import { failureFunctions } from './failure-functions.ts';

/** `npm run schema`: writes the functions that come from the failure table, and schema.sql from the migrations. */
const root = path.resolve(import.meta.dirname, '..');
const write = async (name: string, text: string) => {
  await mkdir(path.dirname(path.join(root, name)), { recursive: true });
  await writeFile(path.join(root, name), text);
};
for (const [name, sql] of Object.entries(failureFunctions())) await write(name, sql);

const reaper = createReaper();
const postgres = await startPostgres({ reaper });
try {
  await migrate(postgres.url);
  await write('schema.sql', await dumpSchema(postgres.url));
  process.stdout.write('schema.sql and migrations/functions/failures are written.\n');
} finally {
  await postgres.stop();
  await reaper.close();
}
