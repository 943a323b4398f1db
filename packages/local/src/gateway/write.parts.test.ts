import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../../../../tests/support/database.ts';
import { type GatewayFixture, startFixture } from './fixture/start.ts';

let database: TestDatabase;
let gateway: GatewayFixture;

beforeAll(async () => {
  database = await createDatabase({ migrated: false });
  gateway = await startFixture(database.url);
});

afterAll(async () => {
  await gateway?.stop();
  await database?.drop();
});

beforeEach(async () => {
  await gateway.sql(`truncate jobs, notes restart identity cascade;
    insert into jobs (user_id, progress) values ('alice', 10), ('alice', 20), ('bob', 30)`);
});

const jobs = () => gateway.sql('select id, user_id, status, progress from jobs order by id');

describe('insert', () => {
  test('without select answers 201 without a body', async () => {
    expect(await gateway.admin.from('jobs').insert({ user_id: 'carol' })).toMatchObject({
      status: 201,
      data: null,
      error: null,
    });
    expect(await jobs()).toContainEqual({ id: 4, user_id: 'carol', status: 'pending', progress: null });
  });

  test('with select returns the rows with their defaults', async () => {
    const { data, status } = await gateway.admin
      .from('jobs')
      .insert({ user_id: 'carol', tags: ['a'], data: { deep: [1] }, big: '9007199254740993' })
      .select('id,status,tags,data,created_at')
      .single();
    expect(status).toBe(201);
    expect(data).toEqual({
      id: 4,
      status: 'pending',
      tags: ['a'],
      data: { deep: [1] },
      created_at: '2026-11-22T10:00:00.123456+00:00',
    });
  });

  test('of many rows uses null for missing columns, or the default on request', async () => {
    const rows = [{ user_id: 'c', progress: 1 }, { user_id: 'd' }];
    const { data } = await gateway.admin.from('jobs').insert(rows).select('user_id,progress');
    expect(data).toEqual([
      { user_id: 'c', progress: 1 },
      { user_id: 'd', progress: null },
    ]);
    const mixed = [{ user_id: 'e', status: 'done' }, { user_id: 'f' }];
    const strict = await gateway.admin.from('jobs').insert(mixed);
    expect(strict).toMatchObject({ status: 400, error: { code: '23502' } });
    const kind = await gateway.admin.from('jobs').insert(mixed, { defaultToNull: false }).select('id,status');
    expect(kind.data?.map((row) => row.status)).toEqual(['done', 'pending']);
  });

  test('of an empty object makes a row of defaults, of an empty list none', async () => {
    const carol = gateway.user('carol');
    expect((await carol.from('jobs').insert({}).select('user_id')).data).toEqual([{ user_id: 'carol' }]);
    expect((await carol.from('jobs').insert([]).select()).data).toEqual([]);
  });

  test('counts on request', async () => {
    const { count } = await gateway.admin
      .from('jobs')
      .insert([{ user_id: 'x' }, { user_id: 'y' }], { count: 'exact' });
    expect(count).toBe(2);
  });
});

describe('upsert', () => {
  test('updates the row of the same primary key and says 200; a new row is 201', async () => {
    const update = await gateway.admin.from('jobs').upsert({ id: 1, user_id: 'alice', progress: 11 });
    expect(update.status).toBe(200);
    const mixed = await gateway.admin
      .from('jobs')
      .upsert([
        { id: 1, user_id: 'alice', progress: 12 },
        { id: 9, user_id: 'new', progress: 1 },
      ])
      .select('id,progress');
    expect(mixed).toMatchObject({
      status: 201,
      data: [
        { id: 1, progress: 12 },
        { id: 9, progress: 1 },
      ],
    });
  });

  test('on other columns merges or ignores duplicates', async () => {
    const onConflict = 'user_id,progress';
    const row = { user_id: 'alice', progress: 10, status: 'done' };
    const ignored = await gateway.admin
      .from('jobs')
      .upsert(row, { onConflict, ignoreDuplicates: true })
      .select();
    expect(ignored).toMatchObject({ status: 201, data: [] });
    const merged = await gateway.admin.from('jobs').upsert(row, { onConflict }).select('id,status');
    expect(merged).toMatchObject({ status: 200, data: [{ id: 1, status: 'done' }] });
  });
});

describe('update and delete', () => {
  test('update changes what matches, 204 or 200 with the rows', async () => {
    expect((await gateway.admin.from('jobs').update({ status: 'done' }).eq('user_id', 'alice')).status).toBe(
      204,
    );
    const { data, status } = await gateway.admin
      .from('jobs')
      .update({ progress: 31 })
      .eq('id', 3)
      .select('id');
    expect([status, data]).toEqual([200, [{ id: 3 }]]);
    expect((await jobs()).map((job) => [job.status, job.progress])).toEqual([
      ['done', 10],
      ['done', 20],
      ['pending', 31],
    ]);
  });

  test('no match is not an error', async () => {
    expect((await gateway.admin.from('jobs').update({ progress: 1 }).eq('id', 0)).status).toBe(204);
    expect((await gateway.admin.from('jobs').delete().eq('id', 0).select()).data).toEqual([]);
    expect((await gateway.admin.from('jobs').update({}).eq('id', 1).select()).data).toEqual([]);
  });

  test('delete removes, counts and returns rows', async () => {
    const { data, count } = await gateway.admin
      .from('jobs')
      .delete({ count: 'exact' })
      .eq('user_id', 'alice')
      .select('id');
    expect([data, count]).toEqual([[{ id: 1 }, { id: 2 }], 2]);
    expect(await jobs()).toHaveLength(1);
  });

  test('neither works without a filter', async () => {
    const answer = await gateway.fetch('/jobs', { method: 'DELETE' });
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { code: '21000', message: 'DELETE requires a WHERE clause' },
    ]);
    expect(await jobs()).toHaveLength(3);
  });

  test('single that finds several rows, or more than maxAffected, rolls everything back', async () => {
    const several = await gateway.admin
      .from('jobs')
      .update({ status: 'done' })
      .eq('user_id', 'alice')
      .select()
      .single();
    expect(several).toMatchObject({ status: 406, error: { code: 'PGRST116' } });
    const tooMany = await gateway.admin.from('jobs').delete().eq('user_id', 'alice').maxAffected(1);
    expect(tooMany).toMatchObject({ status: 400, error: { code: 'PGRST124' } });
    expect((await jobs()).map((job) => job.status)).toEqual(['pending', 'pending', 'pending']);
  });

  test('a constraint that is checked at commit still fails the request', async () => {
    const answer = await gateway.admin.from('notes').insert({ id: 1, job_id: 99 });
    expect(answer).toMatchObject({ status: 409, error: { code: '23503' } });
    expect(await gateway.sql('select from notes')).toEqual([]);
  });
});
