import { afterEach, expect, test } from 'vitest';
import { type HealthServer, serveHealth } from './server.ts';

let server: HealthServer | undefined;
afterEach(() => server?.close());

async function get(path: string, { ready = true } = {}) {
  server = await serveHealth({ ready: () => ready, workerId: () => 'w1' }, { host: '127.0.0.1', port: 0 });
  const response = await fetch(`${server.url}${path}`);
  return { status: response.status, body: await response.json() };
}

test('a process that answers is live, even if it takes no jobs', async () => {
  expect(await get('/health/live', { ready: false })).toEqual({ status: 200, body: { status: 'ok' } });
});

test('a worker that holds its lease is ready', async () => {
  expect(await get('/health/ready?probe=1')).toEqual({
    status: 200,
    body: { status: 'ok', worker_id: 'w1' },
  });
});

test('a worker without a lease is not ready', async () => {
  expect(await get('/health/ready', { ready: false })).toMatchObject({ status: 503 });
});

test('any other path is 404', async () => {
  expect(await get('/')).toMatchObject({ status: 404 });
});

test('metrics require the token', async () => {
  const metrics = { scrape: async () => ({ contentType: 'text/plain', text: 'darkroom_x 1' }), token: 't' };
  server = await serveHealth(
    { ready: () => true, workerId: () => 'w1', metrics },
    { host: '127.0.0.1', port: 0 },
  );
  const ask = (authorization?: string) =>
    fetch(`${server!.url}/metrics`, { headers: authorization ? { authorization } : {} });
  expect((await ask()).status).toBe(401);
  expect((await ask('Bearer wrong')).status).toBe(401);
  const shown = await ask('Bearer t');
  expect([shown.status, await shown.text()]).toEqual([200, 'darkroom_x 1']);
});

test('closing twice is harmless', async () => {
  await get('/health/live');
  await server?.close();
  await server?.close();
});
