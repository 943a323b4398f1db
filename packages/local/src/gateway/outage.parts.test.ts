import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Postgres, startPostgres } from '../postgres/start.ts';
import { type GatewayFixture, SECRET_KEY, startFixture } from './fixture/start.ts';
import { startGateway } from './start.ts';

let postgres: Postgres;
let gateway: GatewayFixture;

beforeAll(async () => {
  postgres = await startPostgres();
  gateway = await startFixture(postgres.url);
});

afterAll(async () => {
  await gateway?.stop();
  await postgres?.stop();
});

const ask = () => gateway.fetch('/rpc/add', { method: 'POST', body: '{"a": 1, "b": 1}' });

describe('when Postgres goes away', () => {
  test.each(['fast', 'kill'] as const)(
    'requests get 503 in JSON, and the gateway recovers by itself (%s)',
    async (mode) => {
      expect((await Promise.all(Array.from({ length: 8 }, ask))).map((answer) => answer.status)).toEqual(
        Array(8).fill(200),
      );
      const running = gateway.admin.rpc('sleepy', { seconds: 5 }).then((answer) => answer);
      await expect
        .poll(() => gateway.sql(`select from pg_stat_activity where wait_event = 'PgSleep'`))
        .toHaveLength(1);
      await postgres.restart({
        mode,
        whileDown: async () => {
          expect(await running).toMatchObject({
            status: 503,
            error: { code: expect.stringMatching(/^(57P01|PGRST001)$/) },
          });
          const refused = await ask();
          expect([refused.status, await refused.json()]).toMatchObject([
            503,
            // The last word of a connection that lay in the pool, or that there is none to be had.
            { code: expect.stringMatching(/^(57P01|PGRST00[01])$/), hint: null },
          ]);
        },
      });
      expect((await ask()).status).toBe(200);
    },
  );
});

describe('the gateway itself', () => {
  const options = () => ({
    databaseUrl: postgres.url,
    publishableKey: 'sb_publishable_test',
    secretKey: SECRET_KEY,
    jwksUrl: 'http://127.0.0.1:1/jwks',
  });

  test('reports signing keys that cannot be loaded', async () => {
    const own = await startGateway(options());
    const headers = { apikey: SECRET_KEY, Authorization: `Bearer ${await gateway.token({ sub: 'a' })}` };
    const answer = await fetch(`${own.url}/rest/v1/jobs`, { headers });
    expect([answer.status, await answer.json()]).toMatchObject([500, { code: 'PGRST300' }]);
    await own.stop();
  });

  test('finishes running requests when it is stopped; stop is idempotent', async () => {
    const own = await startGateway(options());
    const call = fetch(`${own.url}/rest/v1/rpc/sleepy`, {
      method: 'POST',
      headers: { apikey: SECRET_KEY, 'Content-Type': 'application/json' },
      body: '{"seconds": 0.3}',
    });
    await expect
      .poll(() => gateway.sql(`select from pg_stat_activity where wait_event = 'PgSleep'`))
      .toHaveLength(1);
    const begin = performance.now();
    await Promise.all([own.stop(), own.stop()]);
    expect(performance.now() - begin).toBeLessThan(8_000);
    expect((await call).status).toBe(200);
    await expect(fetch(own.url)).rejects.toThrow();
  });
});
