import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { migrate } from '@darkroom/db/migrate/migrate';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRules, type Rules } from '../database/rules.ts';

const tables = ['users', 'subscriptions', 'generated_images', 'custom_prompts', 'image_generation_jobs'];
type Column = {
  table_name: string;
  column_name: string;
  data_type: string;
  column_default: string;
  is_nullable: string;
};

let rules: Rules;
let columnsBefore: Column[];
let rowsBefore: Record<string, Record<string, unknown>[]>;
let applied: string[][];

beforeAll(async () => {
  rules = await openRules({ migrated: false });
  await rules.query(await readFile(path.join(import.meta.dirname, 'native-database.sql'), 'utf8'));
  // Policies of a live database that nobody here knows of, as permissive as they come.
  for (const table of tables) {
    await rules.query(`alter table ${table} enable row level security`);
    await rules.query(
      `create policy anything_goes on ${table} for all to public using (true) with check (true)`,
    );
  }
  await rules.query(`update users set credits = -4 where id = 'user_2bNativeBoris'`);
  columnsBefore = await columns();
  rowsBefore = await rows();
  applied = await Promise.all([migrate(rules.url), migrate(rules.url), migrate(rules.url)]);
});
afterAll(() => rules.close());

const columns = () =>
  rules.query<Column>(
    `select table_name, column_name, data_type, column_default, is_nullable from information_schema.columns
     where table_schema = 'public' and table_name = any($1) order by table_name, ordinal_position`,
    [tables],
  );

async function rows() {
  const all: Record<string, Record<string, unknown>[]> = {};
  for (const table of tables) all[table] = await rules.query(`select * from ${table} order by id`);
  return all;
}

it('applies each migration once when three start at the same moment, and nothing afterwards', async () => {
  expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
  expect(await migrate(rules.url)).toEqual([]);
});

it('keeps every column of the native app: name, type, default, order', async () => {
  const after = await columns();
  for (const column of columnsBefore) expect(after).toContainEqual(column);
});

it('keeps every value of every row', async () => {
  const after = await rows();
  for (const table of tables) {
    for (const [at, row] of rowsBefore[table]!.entries()) expect(after[table]![at]).toMatchObject(row);
  }
});

it('opens the ledger with the balances it found, a negative one included, and an empty audit', async () => {
  expect(await rules.query(`select user_id, kind, amount from credit_ledger order by user_id`)).toEqual([
    { user_id: 'user_2aNativeAda', kind: 'opening', amount: 2 },
    { user_id: 'user_2bNativeBoris', kind: 'opening', amount: -4 },
    { user_id: 'user_2cNativeChen', kind: 'opening', amount: 180 },
  ]);
  expect(await rules.audit()).toEqual([]);
});

it('adds only columns that may be left out, to the tables the native app writes', async () => {
  const known = new Set(columnsBefore.map((column) => `${column.table_name}.${column.column_name}`));
  for (const column of await columns()) {
    if (known.has(`${column.table_name}.${column.column_name}`)) continue;
    expect(column.is_nullable === 'YES' || column.column_default !== null, column.column_name).toBe(true);
  }
});

it('lets a client made of the Prisma models go on: users, images, prompts, subscriptions and jobs of its own', async () => {
  await rules.query(`insert into users (id, email, credits) values ('user_prisma', 'p@example.com', 7)`);
  await rules.query(`insert into users (id, email) values ('user_default', 'd@example.com')`);
  expect(await rules.credits('user_prisma')).toBe(7);
  expect(await rules.credits('user_default')).toBe(3);
  const [updated] = await rules.query(
    `update users set credits = credits - 2, email = 'q@example.com' where id = 'user_prisma' returning credits, email`,
  );
  expect(updated).toEqual({ credits: 5, email: 'q@example.com' });
  const job = await rules.value(
    `insert into image_generation_jobs (user_id) values ('user_prisma') returning id`,
  );
  await rules.query(`update image_generation_jobs set status = 'processing', progress = 55 where id = $1`, [
    job,
  ]);
  await rules.query(
    `update image_generation_jobs set status = 'completed', output_image_url = 'https://x/1.png', completed_at = now() where id = $1`,
    [job],
  );
  expect(await rules.job(job)).toMatchObject({
    status: 'completed',
    progress: 55,
    managed: false,
    version: 3,
  });
  await rules.query(
    `insert into generated_images (user_id, image_url) values ('user_prisma', 'https://x/1.png')`,
  );
  await rules.query(
    `insert into custom_prompts (user_id, prompt_text) values ('user_prisma', repeat('long ', 2000))`,
  );
  await rules.query(`insert into subscriptions (user_id) values ('user_prisma')`);
  expect(await rules.audit()).toEqual([]);
  await rules.query(`delete from subscriptions where user_id = 'user_prisma'`);
  await rules.query(`delete from image_generation_jobs where user_id = 'user_prisma'`);
  await rules.query(`delete from generated_images where user_id = 'user_prisma'`);
  await rules.query(`delete from users where id = 'user_prisma'`);
  expect(await rules.audit()).toEqual([]);
});

it('lets a user with a negative balance live on: nothing blocks, a grant counts, a job must be paid unless it is free', async () => {
  const boris = 'user_2bNativeBoris';
  await rules.query('select ensure_user($1)', [boris]);
  await expect(rules.submit(boris, { price: 1 })).rejects.toMatchObject({ code: 'DR402' });
  expect((await rules.submit(boris, { price: 0 })).balance).toBe(-4);
  await rules.query(`select grant_credits($1, 6, 'mend', 'mended')`, [boris]);
  expect((await rules.submit(boris, { price: 1 })).balance).toBe(1);
  expect(await rules.audit()).toEqual([]);
});

it('shuts out what the permissive policies of the live database let in', async () => {
  await rules.asUser('user_2aNativeAda', async (run) => {
    for (const table of tables.slice(1)) {
      for (const row of await run(`select user_id from ${table}`))
        expect(row.user_id).toBe('user_2aNativeAda');
    }
    expect(await run('select id from users')).toEqual([{ id: 'user_2aNativeAda' }]);
    expect(await run(`update users set credits = 0 where id = 'user_2cNativeChen' returning id`)).toEqual([]);
    expect(await run('delete from custom_prompts returning user_id')).toEqual([
      { user_id: 'user_2aNativeAda' },
    ]);
  });
});
