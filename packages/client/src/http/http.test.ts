import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { broken, json, problem } from '../testing/fake-api.ts';
import { freezeTime, openDarkroom, pass, rejectionOf } from '../testing/harness.ts';

beforeEach(freezeTime);
afterEach(() => {
  expect(vi.getTimerCount(), 'timers left behind').toBe(0);
  vi.useRealTimers();
});

const me = { id: 'user_ada', email: null, credits: 20, subscription: null };

describe('a call', () => {
  it.each([
    ['a broken network', () => Promise.reject(broken())],
    ['a 502 of a proxy', () => new Response('<h1>Bad gateway</h1>', { status: 502 })],
    ['a 503', () => problem(503, 'service_unavailable')],
    ['a 504', () => problem(504, 'service_unavailable')],
    ['the page of a captive portal', () => new Response('<html>Sign in to the train</html>')],
    ['an incomplete body', () => new Response('{"id": "user_')],
  ])('is sent again after %s', async (_, answer) => {
    const { api, darkroom } = openDarkroom();
    api.once('GET /v1/me', answer);
    api.once('GET /v1/me', () => json(200, me));
    const result = darkroom.me();
    await pass(600);
    expect(await result).toEqual(me);
  });

  it('waits as long as a 429 asks for', async () => {
    const { api, darkroom } = openDarkroom();
    api.once('GET /v1/me', () => problem(429, 'rate_limited', { headers: { 'retry-after': '7' } }));
    api.once('GET /v1/me', () => json(200, me));
    const result = darkroom.me();
    await pass(6_900);
    expect(api.requests.length).toBe(1);
    await pass(1_600);
    expect(await result).toEqual(me);
  });

  it('does not wait longer than a minute, and reports how long it was asked to wait', async () => {
    const { api, darkroom } = openDarkroom();
    const date = new Date(Date.now() + 120_000).toUTCString();
    api.once('GET /v1/me', () => problem(429, 'rate_limited', { headers: { 'retry-after': date } }));
    expect(await rejectionOf(darkroom.me())).toMatchObject({
      code: 'rate_limited',
      status: 429,
      retryAfterMs: 120_000,
    });
  });

  it('gives up after six tries, with the last error', async () => {
    const { api, darkroom } = openDarkroom();
    api.isDown = true;
    const rejection = rejectionOf(darkroom.me());
    await pass(60_000);
    expect(await rejection).toMatchObject({ code: 'network_error', status: null, cause: broken() });
    expect(api.requests.length).toBe(6);
  });

  it('ends when there is no response in time, even if fetch ignores the signal', async () => {
    const { darkroom } = openDarkroom({ fetch: () => new Promise(() => {}) });
    const rejection = rejectionOf(darkroom.me());
    await pass(300_000);
    expect((await rejection).code).toBe('timeout');
  });

  it('is not sent again when the API rejects it', async () => {
    const { api, darkroom } = openDarkroom();
    const errors = [{ path: 'limit', message: 'Must be a whole number from 1 to 100.' }];
    api.once('GET /v1/credits/ledger?limit=0', () => problem(422, 'invalid_request', { errors }));
    expect(await rejectionOf(darkroom.ledger({ limit: 0, cursor: null }))).toMatchObject({
      code: 'invalid_request',
      status: 422,
      problem: { errors },
    });
    expect(api.requests.length).toBe(1);
  });
});

describe('the token', () => {
  it('is read before every call, and again, past the cache, after a 401', async () => {
    const asked: unknown[] = [];
    const { api, darkroom } = openDarkroom({
      getToken: (options) => {
        asked.push(options);
        return options?.skipCache ? 'fresh' : 'stale';
      },
    });
    api.once('GET /v1/me', () => problem(401, 'unauthenticated'));
    api.once('GET /v1/me', () => json(200, me));
    expect(await darkroom.me()).toEqual(me);
    expect(asked).toEqual([undefined, { skipCache: true }]);
    expect(api.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer stale',
      'Bearer fresh',
    ]);
  });

  it('that is refused twice ends the call', async () => {
    const { api, darkroom } = openDarkroom();
    for (let n = 0; n < 2; n += 1) api.once('GET /v1/me', () => problem(401, 'unauthenticated'));
    expect(await rejectionOf(darkroom.me())).toMatchObject({ code: 'unauthenticated', status: 401 });
  });

  it('missing because nobody is signed in ends the call before anything is sent', async () => {
    const { api, darkroom } = openDarkroom({ getToken: () => null });
    expect(await rejectionOf(darkroom.me())).toMatchObject({ code: 'unauthenticated', status: null });
    expect(api.requests).toEqual([]);
  });

  it('that cannot be read now is read again', async () => {
    let isOnline = false;
    const { api, darkroom } = openDarkroom({
      getToken: async () => {
        if (!isOnline) throw new Error('offline');
        return 'token';
      },
    });
    api.once('GET /v1/me', () => json(200, me));
    const result = darkroom.me();
    await pass(100);
    isOnline = true;
    await pass(600);
    expect(await result).toEqual(me);
  });
});

describe('a call that is not safe to repeat', () => {
  it('is not retried when its response was lost, but is after a 429', async () => {
    const { api, darkroom } = openDarkroom();
    api.once('POST /v1/prompts', () => problem(429, 'rate_limited'));
    api.once('POST /v1/prompts', () => Promise.reject(broken()));
    const rejection = rejectionOf(darkroom.prompts.create({ prompt_text: 'a fox' }));
    await pass(10_000);
    expect((await rejection).code).toBe('network_error');
    expect(api.requests.length).toBe(2);
  });

  it('a delete that finds nothing has succeeded on a retry, and failed on the first try', async () => {
    const { api, darkroom } = openDarkroom();
    api.once('DELETE /v1/images/1', () => Promise.reject(broken()));
    const result = darkroom.images.delete('1');
    await pass(600);
    expect(await result).toBeUndefined();
    expect((await rejectionOf(darkroom.images.delete('1'))).code).toBe('not_found');
  });
});
