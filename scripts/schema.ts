import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { migrate } from '@darkroom/db/migrate/migrate';
import { startPostgres } from '@darkroom/local/postgres/start';
import { createReaper } from '@darkroom/local/processes/reaper';
import { dumpSchema } from './dump-schema.ts';

/** `npm run schema`: writes schema.sql from the migrations. */
const file = path.resolve(import.meta.dirname, '../schema.sql');
const reaper = createReaper();
const postgres = await startPostgres({ reaper });
try {
  await migrate(postgres.url);
  await writeFile(file, await dumpSchema(postgres.url));
  process.stdout.write('schema.sql is written.\n');
} finally {
  await postgres.stop();
  await reaper.close();
}
