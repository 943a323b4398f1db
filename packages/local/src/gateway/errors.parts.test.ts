import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../../../../tests/support/database.ts';
import { type GatewayFixture, PUBLISHABLE_KEY, SECRET_KEY, startFixture } from './fixture/start.ts';

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

interface Outcome {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

async function outcome(path: string, init?: RequestInit): Promise<Outcome> {
  const answer = await gateway.fetch(path, init);
  return {
    status: answer.status,
    headers: answer.headers,
    body: (await answer.json()) as Record<string, unknown>,
  };
}

describe('what the database refuses', () => {
  test.each([
    ['08006', 503],
    ['0L000', 403],
    ['0P000', 403],
    ['21000', 500],
    ['22023', 400],
    ['22P02', 400],
    ['23502', 400],
    ['23503', 409],
    ['23505', 409],
    ['23514', 400],
    ['25006', 405],
    ['28000', 403],
    ['40001', 500],
    ['40P01', 500],
    ['42501', 403],
    ['42883', 404],
    ['42P01', 404],
    ['42P17', 500],
    ['53300', 503],
    ['53400', 500],
    ['54001', 500],
    ['55P03', 500],
    ['57014', 500],
    ['57P01', 503],
    ['58000', 500],
    ['DR402', 400],
    ['P0001', 400],
    ['P0002', 500],
    ['PT402', 402],
    ['XX000', 500],
  ])('SQLSTATE %s is HTTP %i, with code, message, details and hint', async (state, status) => {
    const answer = await outcome('/rpc/fail_with', {
      method: 'POST',
      body: JSON.stringify({ p_state: state }),
    });
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ code: state, message: 'because', details: 'the detail', hint: 'the hint' });
    expect(answer.headers.get('proxy-status')).toBe(`PostgREST; error=${state}`);
  });

  test('SQLSTATE PGRST sets the whole answer', async () => {
    const { error, status } = await gateway.admin.rpc('fail_with', {
      p_state: 'PGRST',
      p_message: '{"code": "mine", "message": "says I"}',
      p_detail: '{"status": 410, "headers": {"X-Mine": "yes"}}',
    });
    expect([status, error]).toMatchObject([
      410,
      { code: 'mine', message: 'says I', details: null, hint: null },
    ]);
  });

  test('a duplicate key is named; a missing privilege is 401 for anon and 403 for others', async () => {
    await gateway.sql(`insert into jobs (id, user_id) values (1, 'alice')`);
    expect(await gateway.admin.from('jobs').insert({ id: 1, user_id: 'x' })).toMatchObject({
      status: 409,
      error: { code: '23505', details: 'Key (id)=(1) already exists.', hint: null },
    });
    expect(await gateway.anon.from('closed').select()).toMatchObject({
      status: 401,
      error: { code: '42501' },
    });
    expect((await gateway.user('a').from('closed').select()).status).toBe(403);
  });
});

describe('what the gateway refuses', () => {
  test.each<[string, string, RequestInit, number, string | null]>([
    ['an unknown table', '/nope', {}, 404, 'PGRST205'],
    ['an unknown column in select', '/jobs?select=nope', {}, 400, '42703'],
    ['an unknown column in a filter', '/jobs?nope=eq.1', {}, 400, '42703'],
    ['an unknown column in a body', '/jobs', { method: 'POST', body: '{"nope": 1}' }, 400, 'PGRST204'],
    [
      'an unknown column to update',
      '/jobs?id=eq.1',
      { method: 'PATCH', body: '{"nope": 1}' },
      400,
      'PGRST204',
    ],
    ['a body that is no JSON', '/jobs', { method: 'POST', body: '{' }, 400, 'PGRST102'],
    ['rows of different keys', '/jobs', { method: 'POST', body: '[{"id": 1}, {}]' }, 400, 'PGRST102'],
    ['another schema', '/jobs', { headers: { 'Accept-Profile': 'hidden' } }, 406, 'PGRST106'],
    ['CSV', '/jobs', { headers: { Accept: 'text/csv' } }, 406, 'PGRST107'],
    ['an embedded resource', '/jobs?select=id,notes(text)', {}, 400, 'PGRST100'],
    ['a filter on an embedded resource', '/jobs?notes.text=eq.a', {}, 400, 'PGRST100'],
    ['full text search', '/jobs?status=fts.word', {}, 400, 'PGRST100'],
    ['an unknown operator', '/jobs?id=equals.1', {}, 400, 'PGRST100'],
    ['a broken logic tree', '/jobs?or=(id.eq.1', {}, 400, 'PGRST100'],
    ['a broken order', '/jobs?order=id.up', {}, 400, 'PGRST100'],
    ['an aggregate', '/jobs?select=id.sum()', {}, 400, 'PGRST100'],
    ['a negative limit', '/jobs?limit=-1', {}, 416, 'PGRST103'],
    ['a value of the wrong type', '/jobs?id=eq.one', {}, 400, '22P02'],
    ['PUT', '/jobs', { method: 'PUT', body: '{}' }, 405, 'PGRST117'],
    ['a path below a table', '/jobs/1', {}, 404, 'PGRST125'],
  ])('%s', async (_, path, init, status, code) => {
    const answer = await outcome(path, init);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(Object.keys(answer.body)).toEqual(['code', 'message', 'details', 'hint']);
    expect(answer.body.message).toEqual(expect.stringMatching(/\w/));
  });

  test('a body over 20 MB is 413', async () => {
    const answer = await outcome('/jobs', { method: 'POST', body: ' '.repeat(21 * 1024 * 1024) });
    expect([answer.status, answer.body.message]).toEqual([413, 'Request size limit exceeded']);
  });
});

describe('authentication', () => {
  const as = (token: string) => outcome('/jobs', { headers: { Authorization: `Bearer ${token}` } });

  test('requires a known API key', async () => {
    expect(await outcome('/jobs', { headers: { apikey: '' } })).toMatchObject({
      status: 401,
      body: { code: null, message: 'No API key found in request', details: null },
    });
    expect((await outcome('/jobs', { headers: { apikey: 'sb_secret_guess' } })).status).toBe(401);
  });

  test('the secret key does not work from a browser', async () => {
    const headers = { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64)' };
    expect((await outcome('/jobs', { headers })).status).toBe(401);
    expect((await outcome('/jobs', { headers: { ...headers, apikey: PUBLISHABLE_KEY } })).status).toBe(200);
  });

  test('a key as Bearer token counts as that key; a token overrides the API key', async () => {
    const whoami = async (apikey: string, bearer: string) => {
      const headers = { apikey, Authorization: `Bearer ${bearer}` };
      return (await outcome('/rpc/whoami', { method: 'POST', headers })).body;
    };
    expect(await whoami(SECRET_KEY, PUBLISHABLE_KEY)).toMatchObject({
      role: 'anon',
      claims: { role: 'anon' },
    });
    expect(await whoami(SECRET_KEY, await gateway.token({ sub: 'a', role: 'authenticated' }))).toMatchObject({
      role: 'authenticated',
    });
    expect(await whoami(PUBLISHABLE_KEY, await gateway.token({ sub: 'a' }))).toMatchObject({ role: 'anon' });
  });

  test('a token expires, with 30 seconds of leeway', async () => {
    const now = Date.now() / 1000;
    const expired = await as(await gateway.token({ sub: 'a' }, { expiresAt: now - 40 }));
    expect(expired).toMatchObject({ status: 401, body: { code: 'PGRST303', message: 'JWT expired' } });
    expect(expired.headers.get('www-authenticate')).toBe(
      'Bearer error="invalid_token", error_description="JWT expired"',
    );
    expect((await as(await gateway.token({ sub: 'a' }, { expiresAt: now - 20 }))).status).toBe(200);
  });

  test.each<[string, () => Promise<string>, string]>([
    ['no JWT at all', async () => 'sb_secret_guess', 'Expected 3 parts in JWT; got 1'],
    ['an unknown key', () => gateway.token({}, { kid: 'other' }), 'No suitable key or wrong key type'],
    ['a forged signature', forged, 'JWT cryptographic operation failed'],
  ])('%s is 401', async (_, token, message) => {
    expect(await as(await token())).toMatchObject({ status: 401, body: { code: 'PGRST301', message } });
  });

  test('a token may claim only the three roles', async () => {
    for (const role of ['postgres', '', 7, ['service_role']]) {
      expect(await as(await gateway.token({ role }))).toMatchObject({ status: 401, body: { code: '22023' } });
    }
  });

  async function forged() {
    const [header, , signature] = (await gateway.token({ sub: 'a' })).split('.');
    return [header, btoa('{"role":"service_role"}').replaceAll('=', ''), signature].join('.');
  }
});

describe('browsers', () => {
  test('are allowed from every origin, with every header that supabase-js sends', async () => {
    const preflight = await fetch(`${gateway.url}/rest/v1/jobs`, { method: 'OPTIONS' });
    expect(preflight.status).toBe(204);
    const allowed = preflight.headers.get('access-control-allow-headers')?.split(/, */);
    expect(allowed).toEqual(
      expect.arrayContaining([
        'authorization',
        'apikey',
        'x-client-info',
        'content-profile',
        'x-retry-count',
      ]),
    );
    const answer = await gateway.fetch('/jobs');
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-expose-headers')).toContain('Content-Range');
    const refused = await fetch(`${gateway.url}/auth/v1/user`, { headers: { apikey: SECRET_KEY } });
    expect(refused.status).toBe(404);
    expect(await refused.json()).toMatchObject({ message: 'no Route matched with those values' });
  });
});
