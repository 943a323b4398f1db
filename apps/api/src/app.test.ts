import { DatabaseUnavailable, DomainError, type DomainErrorCode } from '@darkroom/db/errors';
import { describe, expect, test } from 'vitest';
import { problems } from './problem/problem.ts';
import { createTestApi } from './testing/test-api.ts';

describe('problems', () => {
  test('are problem+json with type, title, status, detail, code and request id', async () => {
    const { app } = await createTestApi();
    const response = await app.request('/nowhere', { headers: { 'X-Request-Id': 'r-1' } });
    expect(response.status).toBe(404);
    expect(response.headers.get('Content-Type')).toBe('application/problem+json');
    expect(await response.json()).toEqual({
      type: 'urn:darkroom:problem:not_found',
      title: 'Not found',
      status: 404,
      detail: 'There is nothing at this URL.',
      code: 'not_found',
      request_id: 'r-1',
    });
  });

  test('a wrong method gets a 405 with the allowed methods', async () => {
    const { app, alice } = await createTestApi();
    const response = await app.request('/v1/jobs', { method: 'PUT', headers: { Authorization: alice } });
    expect(response.status).toBe(405);
    expect(response.headers.get('Allow')?.split(', ').sort()).toEqual(['GET', 'HEAD', 'POST']);
    expect(await response.json()).toMatchObject({ code: 'method_not_allowed' });
  });

  test.each([
    ['invalid JSON', '{"prompt":', 'application/json', 400, 'malformed_json'],
    ['no content', '', 'application/json', 400, 'malformed_json'],
    ['no type', '{"prompt":"a"}', '', 415, 'unsupported_media_type'],
    ['another type', '{"prompt":"a"}', 'text/plain', 415, 'unsupported_media_type'],
    ['an array', '[]', 'application/json', 422, 'invalid_request'],
    ['an unknown field', '{"prompt":"a","webhok_url":"x"}', 'application/json', 422, 'invalid_request'],
  ])('a body with %s gets its problem', async (_, body, type, status, code) => {
    const { post } = await createTestApi();
    const response = await post(body, { 'Content-Type': type });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code });
  });

  test('every invalid field is named', async () => {
    const { post } = await createTestApi();
    const response = await post({ image_size: 4, fallback: 'yes', webhook_url: 'x', promt: 'y' });
    const { errors } = (await response.json()) as { errors: { path: string; message: string }[] };
    expect(errors.map(({ path }) => path).sort()).toEqual(['fallback', 'image_size', 'promt', 'webhook_url']);
  });

  test('every domain error of the database has its status, and none reveals internal words', async () => {
    const expected: Record<DomainErrorCode, number> = {
      insufficient_credits: 402,
      not_found: 404,
      prompt_not_found: 422,
      job_already_finished: 409,
      idempotency_key_reused: 422,
      too_many_active_jobs: 429,
      user_deleted: 401,
      invalid_argument: 422,
      worker_unknown: 500,
    };
    for (const [code, status] of Object.entries(expected)) {
      const { post, db } = await createTestApi();
      db.fail('createJob', new DomainError(code as DomainErrorCode, 'internal words', { host: 'db-1' }));
      const response = await post({ prompt: 'a fox' });
      const text = await response.text();
      expect(response.status, code).toBe(status);
      expect(text).not.toMatch(/internal words|db-1/);
      expect(problems).toHaveProperty(JSON.parse(text).code);
    }
  });

  test('an unreachable database is a 503 with Retry-After, an unknown error a 500; both are logged and reveal nothing', async () => {
    const { get, db, log } = await createTestApi();
    db.fail('ensureUser', new DatabaseUnavailable('host db-1 is down'));
    const unavailable = await get('/v1/me');
    db.fail('ensureUser', new Error('secret stack'));
    const unknown = await get('/v1/me');
    expect([unavailable.status, unknown.status]).toEqual([503, 500]);
    expect(unavailable.headers.get('Retry-After')).toBe('5');
    expect((await unavailable.text()) + (await unknown.text())).not.toMatch(/db-1|secret/);
    expect(log.told.map(({ name }) => name)).toEqual([
      'database_unavailable',
      'request_finished',
      'unexpected_error',
      'request_finished',
    ]);
  });
});

describe('jobs', () => {
  test('are visible to their owner only', async () => {
    const { app, post, get, tokens } = await createTestApi();
    const { job } = (await (await post({ prompt: 'a fox' })).json()) as { job: { id: string } };
    const Authorization = await tokens.authorization('user_bob');
    expect((await get(`/v1/jobs/${job.id}`)).status).toBe(200);
    for (const method of ['GET', 'POST']) {
      const path = method === 'GET' ? `/v1/jobs/${job.id}` : `/v1/jobs/${job.id}/cancel`;
      const response = await app.request(path, { method, headers: { Authorization } });
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ code: 'not_found', detail: 'There is no such job.' });
    }
    expect((await get('/v1/jobs/7')).status).toBe(404);
    expect(await (await get('/v1/jobs', { Authorization })).json()).toEqual({ data: [], next_cursor: null });
  });

  test('have their URLs and an ETag, and get a 304 while unchanged', async () => {
    const { post, get } = await createTestApi({ corsOrigins: ['https://app.test'] });
    const { job } = (await (await post({ prompt: 'a fox' })).json()) as { job: { id: string } };
    const self = `/v1/jobs/${job.id}`;
    const first = await get(self);
    expect(await first.json()).toEqual({
      ...job,
      urls: { self, events: `${self}/events`, cancel: `${self}/cancel` },
      queue_position: 1,
      eta_seconds: 4,
    });
    const etag = first.headers.get('ETag');
    const second = await get(self, { 'If-None-Match': etag!, Origin: 'https://app.test' });
    expect(second.status).toBe(304);
    expect(second.headers.get('ETag')).toBe(etag);
    expect(second.headers.get('Access-Control-Allow-Origin')).toBe('https://app.test');
    expect(second.headers.get('X-Request-Id')).not.toBeNull();
  });

  test('can be canceled once', async () => {
    const { app, post, alice } = await createTestApi();
    const { job } = (await (await post({ prompt: 'a fox' })).json()) as { job: { id: string } };
    const cancel = () =>
      app.request(`/v1/jobs/${job.id}/cancel`, { method: 'POST', headers: { Authorization: alice } });
    const [first, second] = [await cancel(), await cancel()];
    expect(await first.json()).toMatchObject({ id: job.id, status: 'canceled' });
    expect(second.status).toBe(409);
    expect(await second.json()).toMatchObject({ code: 'job_already_finished' });
  });

  test.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=', 'limit'],
    ['status=lost', 'status'],
    ['cursor=', 'cursor'],
    ['cursor=broken', 'cursor'],
  ])('a list with ?%s is rejected', async (query, path) => {
    const { get } = await createTestApi();
    const response = await get(`/v1/jobs?${query}`);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ path }] });
  });

  test('a list accepts its query and has defaults', async () => {
    const { get } = await createTestApi();
    expect((await get('/v1/jobs?status=completed&limit=100')).status).toBe(200);
    expect(await (await get('/v1/credits/ledger?limit=1')).json()).toEqual({ data: [], next_cursor: null });
  });
});

describe('cross-origin requests', () => {
  test('are allowed from configured origins only', async () => {
    const origin = { Origin: 'https://app.test' };
    const closed = await createTestApi();
    expect((await closed.get('/v1/me', origin)).headers.get('Access-Control-Allow-Origin')).toBeNull();
    const open = await createTestApi({ corsOrigins: ['https://app.test'] });
    const allowed = await open.get('/v1/me', origin);
    expect(allowed.headers.get('Access-Control-Allow-Origin')).toBe('https://app.test');
    expect(allowed.headers.get('Access-Control-Expose-Headers')).toContain('Idempotent-Replayed');
    const other = await open.get('/v1/me', { Origin: 'https://evil.test' });
    expect(other.headers.get('Access-Control-Allow-Origin')).toBeNull();
  });

  test('can read problems and send a preflight without a token', async () => {
    const { app } = await createTestApi({ corsOrigins: ['https://app.test'] });
    const problem = await app.request('/v1/me', { headers: { Origin: 'https://app.test' } });
    expect(problem.status).toBe(401);
    expect(problem.headers.get('Access-Control-Allow-Origin')).toBe('https://app.test');
    const preflight = await app.request('/v1/jobs', {
      method: 'OPTIONS',
      headers: { Origin: 'https://app.test', 'Access-Control-Request-Method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('Access-Control-Allow-Headers')).toContain('Idempotency-Key');
  });
});

describe('health', () => {
  test('is ready without the queue, but not without the database', async () => {
    let now = 0;
    const { get, broken, db } = await createTestApi({ now: () => now });
    expect(await (await get('/health/ready')).json()).toEqual({
      ready: true,
      checks: { database: 'up', queue: 'up' },
    });
    broken.queue = true;
    now += 2_000;
    const withoutQueue = await get('/health/ready');
    expect(withoutQueue.status).toBe(200);
    expect(await withoutQueue.json()).toMatchObject({ ready: true, checks: { queue: 'down' } });
    db.fail('ping', new DatabaseUnavailable('unreachable'));
    now += 2_000;
    const withoutDatabase = await get('/health/ready');
    expect(withoutDatabase.status).toBe(503);
    expect(await withoutDatabase.json()).toMatchObject({ ready: false, checks: { database: 'down' } });
  });

  test('checks each part at most once a second', async () => {
    const { get, db } = await createTestApi({ now: () => 0 });
    await Promise.all(Array.from({ length: 20 }, () => get('/health/ready')));
    expect(db.calls).toEqual(['ping']);
  });

  test('is live but not ready while stopping', async () => {
    const { get } = await createTestApi({ isStopping: () => true });
    expect((await get('/health/live')).status).toBe(200);
    expect((await get('/health/ready')).status).toBe(503);
  });
});

test('every response has a request id and cannot be framed or sniffed', async () => {
  const { get } = await createTestApi();
  const { headers } = await get('/v1/me', { 'X-Request-Id': 'not/allowed' });
  expect(headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/);
  expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
  expect(headers.get('Content-Security-Policy')).toContain("frame-ancestors 'none'");
  expect(headers.get('Cache-Control')).toBe('private, no-cache');
});
