import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../../../../tests/support/database.ts';
import { type GatewayFixture, startFixture } from './fixture/start.ts';

let database: TestDatabase;
let gateway: GatewayFixture;

beforeAll(async () => {
  database = await createDatabase({ migrated: false });
  gateway = await startFixture(database.url);
  await gateway.sql(`insert into jobs (user_id, progress) values ('alice', 1), ('bob', 2)`);
});

afterAll(async () => {
  await gateway?.stop();
  await database?.drop();
});

describe('what a call returns', () => {
  test.each<[string, Record<string, unknown>, unknown]>([
    ['add', { a: 1, b: 2 }, 3],
    ['add', { a: 1 }, 11],
    ['shout', { text: 'hey' }, 'HEY'],
    ['shout', { text: 'hey', times: 2 }, 'HEYHEY'],
    ['as_json', { p: { x: [1, 'two'] } }, { x: [1, 'two'], seen: true }],
    ['no_text', {}, null],
    ['numbers', { up_to: 3 }, [1, 2, 3]],
    ['pairs', {}, [{ a: 1, b: 'x' }, { a: 2, b: 'y' }]], // biome-ignore format: one case a line
    ['total', { ns: [1, 2, 3] }, 6],
  ])('%s(%o) is %o', async (name, args, expected) => {
    expect(await gateway.admin.rpc(name, args)).toMatchObject({ data: expected, error: null, status: 200 });
  });

  test('a void function answers 204 without a body', async () => {
    expect(await gateway.admin.rpc('nothing')).toMatchObject({ status: 204, data: null, error: null });
  });

  test('a composite is an object, a set is a list', async () => {
    expect((await gateway.admin.rpc('first_job')).data).toMatchObject({
      id: 1,
      created_at: '2026-11-22T10:00:00.123456+00:00',
    });
    expect((await gateway.admin.rpc('all_jobs')).data).toHaveLength(2);
  });

  test('rows of a set can be selected, filtered, ordered, limited and counted', async () => {
    const { data } = await gateway.admin
      .rpc('all_jobs')
      .select('id,user_id')
      .neq('user_id', 'carol')
      .order('id', { ascending: false })
      .limit(1);
    expect(data).toEqual([{ id: 2, user_id: 'bob' }]);
    expect(await gateway.admin.rpc('all_jobs', {}, { head: true, count: 'exact' })).toMatchObject({
      count: 2,
    });
  });

  test('single on a set returns one row, and rolls back a call that returned more', async () => {
    expect((await gateway.admin.rpc('all_jobs').eq('id', 2).single()).data).toMatchObject({ user_id: 'bob' });
    const several = await gateway.admin.rpc('make_jobs', { p_count: 2 }).single();
    expect(several).toMatchObject({ status: 406, error: { code: 'PGRST116' } });
    expect(await gateway.sql(`select from jobs where user_id = 'bulk'`)).toEqual([]);
  });

  test('the function may set the status and headers of the answer', async () => {
    const answer = await gateway.fetch('/rpc/teapot', { method: 'POST' });
    expect([answer.status, answer.headers.get('x-pot'), await answer.text()]).toEqual([
      418,
      'short',
      '"stout"',
    ]);
  });
});

describe('how a call runs', () => {
  test('it writes in its own transaction', async () => {
    const { data } = await gateway.admin.rpc('make_job', { p_user: 'dora' }).single<{ id: number }>();
    expect(await gateway.sql(`select user_id from jobs where id = ${data?.id}`)).toEqual([
      { user_id: 'dora' },
    ]);
    const clash = await gateway.admin.rpc('fail_with', { p_state: 'DR409' });
    expect(clash.status).toBe(400);
  });

  test('it sees role, claims, method, path and headers; stable functions run read only', async () => {
    const { data } = await gateway.user('alice').rpc('whoami');
    expect(data).toMatchObject({
      role: 'authenticated',
      claims: { sub: 'alice', role: 'authenticated' },
      method: 'POST',
      path: '/rpc/whoami',
      timeout: '8s',
      read_only: 'on',
    });
    expect(data.client).toMatch(/^supabase-js/);
    expect((await gateway.anon.rpc('whoami')).data).toMatchObject({ role: 'anon', timeout: '3s' });
  });

  test('a GET takes arguments from the query string and is read only', async () => {
    expect((await gateway.admin.rpc('add', { a: 2, b: 3 }, { get: true })).data).toBe(5);
    expect((await gateway.admin.rpc('total', { ns: [4, 5] }, { get: true })).data).toBe(9);
    const write = await gateway.admin.rpc('make_job', { p_user: 'x' }, { get: true });
    expect(write).toMatchObject({ status: 405, error: { code: '25006' } });
  });

  test("the function's statement_timeout applies to the call", async () => {
    expect((await gateway.admin.rpc('patient')).data).toBe('11s');
    expect(await gateway.admin.rpc('slow')).toMatchObject({ status: 500, error: { code: '57014' } });
  });

  test('settings of a role apply, and do not leak', async () => {
    await gateway.sql(
      `alter role authenticated in database ${database.url.split('/').at(-1)} set statement_timeout = '7s'`,
    );
    await gateway.admin.rpc('not_there_yet');
    expect((await gateway.user('alice').rpc('whoami')).data).toMatchObject({ timeout: '7s' });
    expect((await gateway.admin.rpc('whoami')).data).toMatchObject({ timeout: '8s', role: 'service_role' });
  });
});

describe('finding the function', () => {
  test('unknown functions and arguments are 404', async () => {
    const { status, error } = await gateway.admin.rpc('add', { a: 1, c: 2 });
    expect(status).toBe(404);
    expect(error).toMatchObject({
      code: 'PGRST202',
      message: 'Could not find the function public.add(a, c) in the schema cache',
    });
    expect(error?.details).toContain('Searched for the function public.add with parameters a, c');
    expect((await gateway.admin.rpc('gone')).error?.message).toBe(
      'Could not find the function public.gone without parameters in the schema cache',
    );
  });

  test('an ambiguous call is refused', async () => {
    expect(await gateway.admin.rpc('same', { a: 1 })).toMatchObject({
      status: 300,
      error: { code: 'PGRST203' },
    });
  });

  test('a function created after the start is found', async () => {
    expect((await gateway.admin.rpc('late')).status).toBe(404);
    await gateway.sql(`create function late() returns int language sql as 'select 7'`);
    expect((await gateway.admin.rpc('late')).data).toBe(7);
  });

  test('arguments that do not fit their type are 400', async () => {
    expect(await gateway.admin.rpc('add', { a: 'x' })).toMatchObject({
      status: 400,
      error: { code: '22P02' },
    });
  });

  test('roles without a grant are refused', async () => {
    await gateway.sql('revoke execute on function add from public, anon, authenticated');
    expect(await gateway.anon.rpc('add', { a: 1 })).toMatchObject({ status: 401, error: { code: '42501' } });
    expect(await gateway.user('a').rpc('add', { a: 1 })).toMatchObject({
      status: 403,
      error: { code: '42501' },
    });
  });
});
