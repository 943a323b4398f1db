import { QueueUnavailable } from '@darkroom/core/queue/queue';
import { createRateLimiter } from '@darkroom/core/queue/rate-limiter';
import { describe, expect, test } from 'vitest';
import { createTestApi } from '../testing/test-api.ts';

const unreachable = {
  async count(): Promise<never> {
    throw new QueueUnavailable('unreachable');
  },
};
const limits = ({ address = 100, user = 100, trusted = false } = {}) => ({
  address: createRateLimiter({
    coordination: unreachable,
    name: 'address',
    limit: address,
    windowSeconds: 60,
  }),
  user: createRateLimiter({ coordination: unreachable, name: 'user', limit: user, windowSeconds: 60 }),
  isTrustedProxy: () => trusted,
});
/** The connection as Node's HTTP server passes it. */
const from = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress } } });

describe('a user', () => {
  test('gets the remaining requests with every response', async () => {
    const { get } = await createTestApi({ limits: limits({ user: 3 }) });
    const response = await get('/v1/me');
    expect(response.headers.get('RateLimit-Policy')).toBe('"user";q=3;w=60');
    expect(response.headers.get('RateLimit')).toMatch(/^"user";r=2;t=\d+$/);
    const missing = await get('/v1/jobs/00000000-0000-4000-8000-000000000000');
    expect(missing.status).toBe(404);
    expect(missing.headers.get('RateLimit')).toMatch(/^"user";r=1;t=\d+$/);
  });

  test('over the limit gets a 429 with Retry-After, and other users do not', async () => {
    const { app, get, tokens } = await createTestApi({ limits: limits({ user: 2 }) });
    await get('/v1/me');
    await get('/v1/models');
    const refused = await get('/v1/me');
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ code: 'rate_limited', status: 429 });
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(refused.headers.get('RateLimit')).toMatch(/^"user";r=0;t=\d+$/);
    const Authorization = await tokens.authorization('user_bob');
    expect((await app.request('/v1/me', { headers: { Authorization } })).status).toBe(200);
  });
});

test('a request rejected for its address is not counted for its user', async () => {
  const { app, alice } = await createTestApi({ limits: limits({ address: 2, user: 3 }) });
  const ask = (ip: string) => app.request('/v1/me', { headers: { Authorization: alice } }, from(ip));
  const answers = [];
  for (const ip of ['192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.2', '192.0.2.2'])
    answers.push(await ask(ip));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429, 200, 429]);
  expect(answers.map(({ headers }) => headers.get('RateLimit')?.replace(/t=\d+/, 't'))).toEqual([
    '"user";r=2;t',
    '"user";r=1;t',
    '"address";r=0;t',
    '"user";r=0;t',
    '"user";r=0;t',
  ]);
});

describe('an address', () => {
  test('is counted before the user is known', async () => {
    const { app, alice } = await createTestApi({ limits: limits({ address: 2 }) });
    const ask = (ip: string, headers = {}) => app.request('/v1/me', { headers }, from(ip));
    expect((await ask('192.0.2.1')).status).toBe(401);
    expect((await ask('192.0.2.1')).headers.get('RateLimit')).toMatch(/^"address";r=0;t=\d+$/);
    const refused = await ask('192.0.2.1', { Authorization: alice });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('Retry-After')).toMatch(/^\d+$/);
    expect((await ask('192.0.2.2', { Authorization: alice })).status).toBe(200);
  });

  test('is that of the connection, or the forwarded one behind a trusted proxy', async () => {
    const header = (ip: string) => ({ headers: { 'X-Forwarded-For': ip } });
    const alone = await createTestApi({ limits: limits({ address: 1 }) });
    await alone.app.request('/v1/me', header('1.1.1.1'), from('192.0.2.1'));
    expect((await alone.app.request('/v1/me', header('2.2.2.2'), from('192.0.2.1'))).status).toBe(429);
    const isTrustedProxy = (address: string) => address === '192.0.2.1';
    const behind = await createTestApi({ limits: { ...limits({ address: 1 }), isTrustedProxy } });
    await behind.app.request('/v1/me', header('1.1.1.1'), from('192.0.2.1'));
    expect((await behind.app.request('/v1/me', header('2.2.2.2'), from('192.0.2.1'))).status).toBe(401);
    expect((await behind.app.request('/v1/me', header('9.9.9.9, 2.2.2.2'), from('192.0.2.1'))).status).toBe(
      429,
    );
  });
});

test('health, docs, webhooks and preflights are not counted', async () => {
  const { app } = await createTestApi({
    limits: limits({ address: 1, user: 1 }),
    corsOrigins: ['https://app.test'],
  });
  const preflight = { Origin: 'https://app.test', 'Access-Control-Request-Method': 'GET' };
  for (let n = 0; n < 3; n += 1) {
    expect((await app.request('/health/live', {}, from('192.0.2.1'))).status).toBe(200);
    expect((await app.request('/openapi.json', {}, from('192.0.2.1'))).status).toBe(200);
    expect((await app.request('/webhooks/stripe', { method: 'POST' }, from('192.0.2.1'))).status).not.toBe(
      429,
    );
    const asked = await app.request('/v1/me', { method: 'OPTIONS', headers: preflight }, from('192.0.2.1'));
    expect(asked.status).toBe(204);
  }
});
