import { Client } from 'pg';
import { afterAll, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from './database.ts';

const made: TestDatabase[] = [];
afterAll(() => Promise.all(made.map((database) => database.drop())));

test('databases made at once are apart, and each has the schema of the migrations', async () => {
  made.push(...(await Promise.all([createDatabase(), createDatabase(), createDatabase()])));
  const found = await Promise.all(
    made.map(({ url }) => read(url, "select to_regclass('public.users') as found")),
  );
  expect(found).toEqual(['users', 'users', 'users']);
  expect(new Set(made.map(({ url }) => url)).size).toBe(3);
});

test('a database can be dropped while a session is open in it, and dropped again', async () => {
  const database = await createDatabase({ migrated: false });
  const client = new Client({ connectionString: database.url });
  const lost = new Promise((resolve) => client.on('error', resolve));
  await client.connect();
  await database.drop();
  await lost;
  await database.drop();
  await expect(read(database.url, 'select 1 as found')).rejects.toThrow('does not exist');
});

async function read(url: string, sql: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<{ found: unknown }>(sql)).rows[0]?.found;
  } finally {
    await client.end().catch(() => {});
  }
}
