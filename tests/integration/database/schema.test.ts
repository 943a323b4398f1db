import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { migrate } from '@darkroom/db/migrate/migrate';
import { expect, it } from 'vitest';
import { dumpSchema } from '../../../scripts/dump-schema.ts';
import { createDatabase } from '../../support/database.ts';
import { openRules } from './rules.ts';

const root = path.resolve(import.meta.dirname, '../../..');

it('is what schema.sql says (npm run schema writes it anew)', async () => {
  const database = await createDatabase();
  try {
    expect(await dumpSchema(database.url)).toBe(await readFile(path.join(root, 'schema.sql'), 'utf8'));
  } finally {
    await database.drop();
  }
});

it('is the same on a database of the native app that was taken over', async () => {
  const rules = await openRules({ migrated: false });
  try {
    await rules.query(
      await readFile(path.join(root, 'tests/integration/compatibility/native-database.sql'), 'utf8'),
    );
    await migrate(rules.url);
    expect(await dumpSchema(rules.url)).toBe(await readFile(path.join(root, 'schema.sql'), 'utf8'));
  } finally {
    await rules.close();
  }
});

it('states a guarantee for every function that the server calls', async () => {
  const rules = await openRules();
  try {
    expect(
      await rules.query(
        `select proname from pg_proc where pronamespace = 'public'::regnamespace and obj_description(oid, 'pg_proc') is null`,
      ),
    ).toEqual([]);
  } finally {
    await rules.close();
  }
});
