import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openFastFetch } from './fast-fetch.ts';

async function serve(listener: RequestListener, { keepAliveMs = 5_000 } = {}) {
  const server = createServer(listener);
  server.keepAliveTimeout = keepAliveMs;
  // By default Node waits a second longer than `keepAliveTimeout`.
  server.keepAliveTimeoutBuffer = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { fetch, close } = openFastFetch();
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await close();
  });
  return { server, fetch, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/rest/v1/rpc/f` };
}

const post = (signal?: AbortSignal) => ({
  method: 'POST',
  headers: new Headers({ apikey: 'key', 'content-type': 'application/json' }),
  body: '{"p_prompt":"ein Füchslein"}',
  ...(signal ? { signal } : {}),
});

test('sends the request as given and returns the response', async () => {
  const { fetch, url } = await serve(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const { apikey, 'accept-encoding': encoding } = request.headers;
    response.writeHead(409, 'Taken', { 'Content-Range': '0-0/1' });
    response.end(JSON.stringify({ path: request.url, method: request.method, apikey, encoding, body }));
  });
  const answer = await fetch(`${url}?select=id`, post());
  expect(answer).toMatchObject({ status: 409, statusText: 'Taken', ok: false });
  expect(answer.headers.get('content-range')).toBe('0-0/1');
  expect(answer.headers.get('retry-after')).toBeNull();
  expect(JSON.parse(await answer.text())).toEqual({
    path: '/rest/v1/rpc/f?select=id',
    method: 'POST',
    apikey: 'key',
    encoding: 'identity',
    body: post().body,
  });
});

test('joins characters that arrive in pieces; no body is an empty text', async () => {
  const { fetch, url } = await serve((request, response) => {
    if (request.method === 'GET') return response.writeHead(204).end();
    const [first, ...rest] = Buffer.from('ü');
    response.write(Buffer.from([first!]));
    setImmediate(() => response.end(Buffer.from(rest)));
  });
  expect(await (await fetch(url, post())).text()).toBe('ü');
  const empty = await fetch(url);
  expect(empty).toMatchObject({ status: 204, ok: true });
  expect(await empty.text()).toBe('');
});

test('rejects with the reason of the signal while the request waits for its connection or its response', async () => {
  let asked = 0;
  const { fetch, url, server } = await serve(() => {
    asked += 1;
  });
  const reason = new Error('no answer within 4000 ms');
  await expect(fetch(url, post(AbortSignal.abort(reason)))).rejects.toBe(reason);
  const early = new AbortController();
  const connecting = fetch(url, post(early.signal));
  early.abort(reason);
  await expect(connecting).rejects.toBe(reason);
  const late = new AbortController();
  const waiting = fetch(url, post(late.signal));
  await once(server, 'request');
  late.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  expect(asked).toBe(1);
});

test('rejects when there is no server, and when the response breaks off', async () => {
  const { fetch, url } = await serve((_, response) => {
    response.writeHead(200, { 'Content-Length': '100' });
    response.write('half', () => response.destroy());
  });
  await expect(fetch(url, post())).rejects.toThrow(/closed/);
  await expect(fetch('http://127.0.0.1:1/rest/v1/rpc/f', post())).rejects.toThrow(/ECONNREFUSED/);
});

test('opens a new connection when the server has closed an idle one', async () => {
  const { fetch, url, server } = await serve((_, response) => response.end('{}'), { keepAliveMs: 20 });
  const closed = new Promise<void>((resolve) =>
    server.once('connection', (socket) => socket.once('close', resolve)),
  );
  await (await fetch(url, post())).text();
  await closed;
  expect((await fetch(url, post())).status).toBe(200);
});

test('does not offer HTTP/2, whose connections outlive an abort', async () => {
  const server = createTcpServer().listen(0, '127.0.0.1');
  const { fetch, close } = openFastFetch();
  onTestFinished(async () => {
    server.close();
    await close();
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const rejected = expect(fetch(`https://127.0.0.1:${port}/rest/v1/rpc/f`, post())).rejects.toThrow();
  const [socket] = (await once(server, 'connection')) as [Socket];
  const [hello] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  await rejected;
  expect(hello.includes('\x08http/1.1')).toBe(true);
  expect(hello.includes('\x02h2')).toBe(false);
});
