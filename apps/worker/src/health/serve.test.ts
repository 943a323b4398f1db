import { afterEach, expect, test } from 'vitest';
import { type HealthServer, serveHealth } from './serve.ts';

let server: HealthServer | undefined;
afterEach(() => server?.close());

async function get(path: string, { ready = true } = {}) {
  server = await serveHealth({ ready: () => ready, workerId: () => 'w1' }, { host: '127.0.0.1', port: 0 });
  const response = await fetch(`${server.url}${path}`);
  return { status: response.status, body: await response.json() };
}

test('a process that answers is live, whether it takes jobs or not', async () => {
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

test('there is nothing else', async () => {
  expect(await get('/')).toMatchObject({ status: 404 });
});

test('closing twice is as good as closing once', async () => {
  await get('/health/live');
  await server?.close();
  await server?.close();
});
