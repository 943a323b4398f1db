import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { migrate } from '@darkroom/db/migrate/migrate';
import { supabaseDefaults } from '@darkroom/local/postgres/supabase-defaults';
import { expect, it } from 'vitest';
import { dumpSchema } from '../../../scripts/dump-schema.ts';
import { failureFunctions } from '../../../scripts/failure-functions.ts';
import { createDatabase } from '../../support/database.ts';
import { dumpFunctions } from '../../upgrade/functions.ts';
import { openRules } from './rules.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const native = path.join(root, 'tests/integration/compatibility/native-database.sql');

it('is what schema.sql says (npm run schema writes it)', async () => {
  const database = await createDatabase();
  try {
    expect(await dumpSchema(database.url)).toBe(await readFile(path.join(root, 'schema.sql'), 'utf8'));
  } finally {
    await database.drop();
  }
});

it.each([
  ['a database of the native app that was taken over', await readFile(native, 'utf8')],
  ['a project with the default privileges of Supabase', supabaseDefaults],
])('is the same on %s, functions included', async (_name, before) => {
  const empty = await createDatabase();
  const rules = await openRules({ migrated: false });
  try {
    await rules.query(before);
    await migrate(rules.url);
    expect(await dumpSchema(rules.url)).toBe(await dumpSchema(empty.url));
    expect(await dumpFunctions(rules.url)).toBe(await dumpFunctions(empty.url));
  } finally {
    await rules.close();
    await empty.drop();
  }
});

it.each(Object.entries(failureFunctions()))('%s is what the failure table says', async (file, sql) => {
  expect(await readFile(path.join(root, file), 'utf8')).toBe(sql);
});
