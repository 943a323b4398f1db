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
    insert into jobs (user_id, status, progress, tags, data, big) values
      ('alice', 'pending', 10, '{red,blue}', '{"a": {"b": "deep"}, "list": [1, 2]}', 9007199254740993),
      ('alice', 'done', 20, '{red}', null, null),
      ('bob', 'done', null, null, '{"a": null}', null)`);
});

describe('reading', () => {
  test('rows are written as by PostgREST: times with microseconds and offset, arrays and JSON unchanged', async () => {
    const { data } = await gateway.admin.from('jobs').select().eq('id', 1).single();
    expect(data).toMatchObject({
      id: 1,
      user_id: 'alice',
      tags: ['red', 'blue'],
      data: { a: { b: 'deep' }, list: [1, 2] },
      created_at: '2026-11-22T10:00:00.123456+00:00',
    });
  });

  test('a bigint keeps all its digits', async () => {
    const answer = await gateway.fetch('/jobs?select=big&id=eq.1');
    expect(await answer.text()).toBe('[{"big":9007199254740993}]');
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  test('select picks, renames and casts columns and reads JSON paths', async () => {
    const { data } = await gateway.admin
      .from('jobs')
      .select('id, state:status, progress::text, data->a->>b, first:data->list->0')
      .eq('id', 1);
    expect(data).toEqual([{ id: 1, state: 'pending', progress: '10', b: 'deep', first: 1 }]);
  });

  test.each<[string, string, number[]]>([
    ['eq', 'status=eq.done', [2, 3]],
    ['neq', 'status=neq.done', [1]],
    ['gt', 'progress=gt.10', [2]],
    ['gte and lt on one column', 'progress=gte.10&progress=lt.20', [1]],
    ['lte', 'progress=lte.10', [1]],
    ['like', 'user_id=like.al*', [1, 2]],
    ['ilike', 'user_id=ilike.%B%', [3]],
    ['is null', 'progress=is.null', [3]],
    ['not is null', 'progress=not.is.null', [1, 2]],
    ['in', 'id=in.(1,3)', [1, 3]],
    ['in, quoted', 'user_id=in.("bob","no,one")', [3]],
    ['in of nothing', 'id=in.()', []],
    ['not in', 'id=not.in.(1,3)', [2]],
    ['cs on an array', 'tags=cs.{red,blue}', [1]],
    ['cd on an array', 'tags=cd.{red,green}', [2]],
    ['cs on JSON', 'data=cs.{"a":{"b":"deep"}}', [1]],
    ['a JSON path', 'data->a->>b=eq.deep', [1]],
    ['any', 'user_id=eq(any).{bob,carol}', [3]],
    ['or', 'or=(id.eq.1,user_id.eq.bob)', [1, 3]],
    ['nested and, in and quotes', 'or=(and(id.gt.1,status.eq.done,id.not.in.(3)),user_id.eq."b,ob")', [2]],
    ['an array within or', 'or=(tags.cs.{red,blue},id.eq.3)', [1, 3]],
    ['not.or', 'not.or=(id.eq.1,id.eq.2)', [3]],
  ])('filters: %s', async (_, query, ids) => {
    const answer = await gateway.fetch(`/jobs?select=id&order=id&${query.replaceAll('%', '%25')}`);
    expect(await answer.json()).toEqual(ids.map((id) => ({ id })));
  });

  test('the filters of supabase-js work', async () => {
    const { data, error } = await gateway.admin
      .from('jobs')
      .select('id')
      .in('user_id', ['alice', 'x,y'])
      .not('progress', 'is', null)
      .or('status.eq.done,progress.lt.15')
      .contains('tags', ['red'])
      .order('id', { ascending: false });
    expect(error).toBeNull();
    expect(data).toEqual([{ id: 2 }, { id: 1 }]);
  });

  test('rows are ordered, with nulls first or last', async () => {
    const ids = async (options: { ascending: boolean; nullsFirst?: boolean }) =>
      (await gateway.admin.from('jobs').select('id').order('progress', options).order('id')).data?.map(
        (row) => row.id,
      );
    expect(await ids({ ascending: true, nullsFirst: true })).toEqual([3, 1, 2]);
    expect(await ids({ ascending: false, nullsFirst: false })).toEqual([2, 1, 3]);
  });

  test('a count includes all matching rows, a partial page is 206', async () => {
    const all = await gateway.admin.from('jobs').select('*', { count: 'exact', head: true });
    expect(all).toMatchObject({ count: 3, status: 200, data: null });
    const page = await gateway.admin.from('jobs').select('id', { count: 'exact' }).order('id').range(1, 1);
    expect(page).toMatchObject({ count: 3, status: 206, data: [{ id: 2 }] });
    const none = await gateway.fetch('/jobs?id=eq.0', { headers: { Prefer: 'count=exact' } });
    expect([none.status, none.headers.get('content-range')]).toEqual([200, '*/0']);
  });

  test('a Range header pages, and an offset past the end is 416', async () => {
    const page = await gateway.fetch('/jobs?select=id&order=id', { headers: { Range: '1-5' } });
    expect(await page.json()).toEqual([{ id: 2 }, { id: 3 }]);
    expect(page.headers.get('content-range')).toBe('1-2/*');
    const past = await gateway.admin.from('jobs').select('id', { count: 'exact' }).range(10, 19);
    expect(past).toMatchObject({ status: 416, error: { code: 'PGRST103' } });
  });

  test('single needs exactly one row; maybeSingle takes none', async () => {
    const { error, status } = await gateway.admin.from('jobs').select().eq('id', 0).single();
    expect(status).toBe(406);
    expect(error).toMatchObject({
      code: 'PGRST116',
      message: 'Cannot coerce the result to a single JSON object',
      details: 'The result contains 0 rows',
      hint: null,
    });
    expect(await gateway.admin.from('jobs').select().eq('id', 0).maybeSingle()).toMatchObject({
      data: null,
      error: null,
    });
  });

  test('views are read like tables, under the policies of the caller', async () => {
    expect((await gateway.admin.from('done_jobs').select('id')).data).toHaveLength(2);
    expect((await gateway.user('bob').from('done_jobs').select()).data).toEqual([{ id: 3, user_id: 'bob' }]);
  });

  test('unusual names of tables and columns are quoted', async () => {
    const written = await gateway.fetch('/Odd%2C%20name', { method: 'POST', body: '{"a \\"b\\" c": 7}' });
    expect(written.status).toBe(201);
    const read = await gateway.fetch('/Odd%2C%20name?select="a \\"b\\" c"&"a \\"b\\" c"=eq.7');
    expect(await read.json()).toEqual([{ 'a "b" c': 7 }]);
    const injected = await gateway.admin.from('jobs').select('id').eq('status', "x' or true --");
    expect(injected.data).toEqual([]);
  });
});

describe('row level security', () => {
  test('a user sees and changes only what the policies allow', async () => {
    const alice = gateway.user('alice');
    expect((await alice.from('jobs').select('id').order('id')).data).toEqual([{ id: 1 }, { id: 2 }]);
    expect((await gateway.anon.from('jobs').select()).data).toEqual([]);
    expect(await alice.from('jobs').update({ progress: 1 }).eq('id', 3)).toMatchObject({
      status: 204,
      error: null,
    });
    expect((await gateway.sql('select progress from jobs where id = 3'))[0]).toEqual({ progress: null });
    const foreign = await alice.from('jobs').insert({ user_id: 'bob' });
    expect(foreign).toMatchObject({
      status: 403,
      error: { code: '42501', message: 'new row violates row-level security policy for table "jobs"' },
    });
  });

  test('defaults see the claims of the caller', async () => {
    const { data } = await gateway.user('carol').from('jobs').insert({ progress: 1 }).select().single();
    expect(data).toMatchObject({ user_id: 'carol', status: 'pending' });
  });
});
