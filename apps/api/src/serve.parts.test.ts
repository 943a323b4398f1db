import { once } from 'node:events';
import { Agent, get, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Hono } from 'hono';
import { afterEach, describe, expect, test } from 'vitest';
import { maxBodyBytes } from './http/body-limit.ts';
import { type Served, serve } from './serve.ts';
import { createTestApi } from './testing/test-api.ts';

const agents: Agent[] = [];
let served: Served | undefined;
afterEach(async () => {
  await served?.stop({ graceMs: 0 });
  for (const agent of agents.splice(0)) agent.destroy();
});

test('stop lets a running request finish, rejects new ones, and does not wait for idle connections', async () => {
  const { app, started, release } = slowApp();
  served = await serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  const agent = keepAlive();
  await body(await response(`${served.url}/fast`, agent));
  const slow = response(`${served.url}/slow`, agent);
  await started;
  const stopped = served.stop({ graceMs: 10_000 });
  await expect(response(`${served.url}/fast`, keepAlive())).rejects.toThrow('ECONNREFUSED');
  const before = performance.now();
  release();
  expect(await body(await slow)).toBe('slow');
  await stopped;
  expect(performance.now() - before).toBeLessThan(8_000);
});

test('while draining it still responds, and closes the connection after each response', async () => {
  const { app } = slowApp();
  served = await serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  const before = await response(`${served.url}/fast`, keepAlive());
  expect(before.headers.connection).toBe('keep-alive');
  await body(before);

  let isDrained = false;
  const drained = served.drain({ delayMs: 300 }).then(() => {
    isDrained = true;
  });
  const during = await response(`${served.url}/fast`, keepAlive());
  expect(during.headers.connection).toBe('close');
  expect(await body(during)).toBe('fast');
  expect(isDrained).toBe(false);
  await drained;
});

test('a request that does not finish is disconnected after the grace period, and stop is idempotent', async () => {
  const { app, started } = slowApp();
  served = await serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  const slow = response(`${served.url}/slow`, keepAlive());
  slow.catch(() => {});
  await started;
  await Promise.all([served.stop({ graceMs: 50 }), served.stop({ graceMs: 50 })]);
  await expect(slow).rejects.toThrow();
});

test('a port in use is an error', async () => {
  served = await serve({ fetch: () => new Response('x'), port: 0, hostname: '127.0.0.1' });
  const port = Number(new URL(served.url).port);
  const again = serve({ fetch: () => new Response('x'), port, hostname: '127.0.0.1' });
  await expect(again).rejects.toThrow('EADDRINUSE');
});

test.each(['content-length', 'chunked'])('a body that is too large (%s) gets a 413', async (kind) => {
  const { app, alice } = await createTestApi();
  served = await serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  const length = maxBodyBytes + 1;
  const sent = request(`${served.url}/v1/jobs`, {
    method: 'POST',
    headers: {
      Authorization: alice,
      'Content-Type': 'application/json',
      ...(kind === 'content-length' ? { 'Content-Length': length } : {}),
    },
  });
  sent.on('error', () => {});
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
  for (let left = length; left > 0; left -= 1_000_000)
    sent.write(Buffer.alloc(Math.min(left, 1_000_000), ' '));
  sent.end();
  const [answer] = await answered;
  expect(answer.statusCode).toBe(413);
  expect(JSON.parse(await body(answer))).toMatchObject({ code: 'payload_too_large' });
});

describe('a request that is not sent in time gets a 408', () => {
  const timeouts = { headersMs: 100, requestMs: 300, checkMs: 20 };
  test.each([
    ['it stops within its headers', 'GET /fast HTTP/1.1\r\nHost: a\r\nX-Slow: '],
    ['it stops within its body', 'POST /fast HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc'],
  ])('if %s', async (_, part) => {
    const app = new Hono();
    app.post('/fast', async (c) => c.text(await c.req.text().catch(() => 'cut off')));
    served = await serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1', timeouts });
    const socket = connect(Number(new URL(served.url).port), '127.0.0.1');
    socket.write(part);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /);
  });
});

test('headers that are too large are rejected', async () => {
  const { app } = slowApp();
  served = await serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  const socket = connect(Number(new URL(served.url).port), '127.0.0.1');
  socket.write(`GET /fast HTTP/1.1\r\nHost: a\r\nX-Large: ${'x'.repeat(20_000)}\r\n\r\n`);
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 431 /);
});

function slowApp() {
  const app = new Hono();
  const { promise: started, resolve: start } = Promise.withResolvers<void>();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  app.get('/fast', (c) => c.text('fast'));
  app.get('/slow', async (c) => {
    start();
    await released;
    return c.text('slow');
  });
  return { app, started, release };
}

function keepAlive(): Agent {
  const agent = new Agent({ keepAlive: true });
  agents.push(agent);
  return agent;
}

async function response(url: string, agent: Agent): Promise<IncomingMessage> {
  const [answer] = (await once(get(url, { agent }), 'response')) as [IncomingMessage];
  return answer;
}

function body(answer: IncomingMessage): Promise<string> {
  return text(answer);
}
