import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { certificate, privateKey } from './certificate.fixture.ts';
import type { Resolve } from './resolve.ts';
import { createSend } from './send.ts';

const message = { headers: { 'content-type': 'application/json' }, body: '{"type":"job.completed"}' };
const development = { allowPrivate: true };
const production = { allowPrivate: false };
const never = new AbortController().signal;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function receive(listener: RequestListener, { host = '127.0.0.1', port = 0 } = {}) {
  const server = createServer(listener);
  server.listen(port, host);
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const send = (url: string, options: Partial<Parameters<typeof createSend>[0]> = {}) =>
  createSend({ resolve: unresolved, reach: development, ...options })(url, message, never);

const unresolved: Resolve = async () => {
  throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
};

test('the message arrives unchanged, and the response status is returned', async () => {
  const seen: unknown[] = [];
  const port = await receive((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      seen.push(request.method, request.url, request.headers['content-type'], body);
      response.writeHead(503, { 'retry-after': '120' }).end();
    });
  });
  expect(await send(`http://127.0.0.1:${port}/a?b=c`)).toEqual({
    kind: 'answered',
    status: 503,
    retryAfterMs: 120_000,
  });
  expect(seen).toEqual(['POST', '/a?b=c', 'application/json', message.body]);
});

describe('the SSRF guard', () => {
  test('a name is resolved once, and the connection uses the checked address', async () => {
    const hits: string[] = [];
    const port = await receive((_, response) => {
      hits.push('checked');
      response.end();
    });
    await receive(
      (_, response) => {
        hits.push('rebound');
        response.end();
      },
      { host: '127.0.0.2', port },
    );
    const resolve = vi.fn<Resolve>(async () => ['127.0.0.2']).mockResolvedValueOnce(['127.0.0.1']);
    expect(await send(`http://rebinding.test:${port}/`, { resolve })).toMatchObject({ status: 200 });
    expect(hits).toEqual(['checked']);
    expect(resolve).toHaveBeenCalledTimes(1);
  });

  test.each([
    ['this machine', ['127.0.0.1']],
    ['this machine among other addresses', ['93.184.215.14', '127.0.0.1']],
    ['this machine in IPv6', ['::1']],
    ['this machine as IPv4-mapped IPv6', ['::ffff:7f00:1']],
    ['cloud metadata', ['169.254.169.254']],
    ['something that is no address', ['surprise']],
  ])('a name that resolves to %s is refused', async (_, addresses) => {
    const answer = await send('https://inward.test/', { reach: production, resolve: async () => addresses });
    expect(answer).toEqual({ kind: 'refused', reason: 'the address is not on the public internet' });
  });

  test('a private IP address is refused without a DNS lookup', async () => {
    const resolve = vi.fn<Resolve>(async () => ['127.0.0.1']);
    for (const url of ['http://127.0.0.1:9/', 'https://127.0.0.1/', 'https://[::1]/', 'https://10.0.0.1/']) {
      expect(await send(url, { reach: production, resolve })).toMatchObject({ kind: 'refused' });
    }
    expect(resolve).not.toHaveBeenCalled();
  });

  test('a redirect is a response and is not followed', async () => {
    const hits: (string | undefined)[] = [];
    const port = await receive((request, response) => {
      hits.push(request.url);
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: 'answered', status: 307 });
    expect(hits).toEqual(['/']);
  });
});

describe('over https', () => {
  test('the certificate must match the host name and be signed by a trusted authority', async () => {
    const names: unknown[] = [];
    const server = createSecureServer({ cert: certificate, key: privateKey }, (request, response) => {
      names.push((request.socket as TLSSocket).servername, request.headers.host);
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const known = getCACertificates();
    closing.push(() => {
      setDefaultCACertificates(known);
      server.closeAllConnections();
      server.close();
    });
    const resolve: Resolve = async () => ['127.0.0.1'];
    const reasonOf = async (name: string) => send(`https://${name}:${port}/`, { resolve });

    expect(await reasonOf('hooks.test')).toMatchObject({ reason: 'no answer: DEPTH_ZERO_SELF_SIGNED_CERT' });
    setDefaultCACertificates([certificate]);
    expect(await reasonOf('other.test')).toMatchObject({ reason: 'no answer: ERR_TLS_CERT_ALTNAME_INVALID' });
    expect(await reasonOf('hooks.test')).toMatchObject({ kind: 'answered', status: 200 });
    expect(names).toEqual(['hooks.test', `hooks.test:${port}`]);
  });
});

describe('a receiver', () => {
  test('with an endless body counts as answered once its headers arrive, and is disconnected', async () => {
    const hungUp = Promise.withResolvers<void>();
    const port = await receive((_, response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(64 * 1_024);
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more);
      response.on('close', () => hungUp.resolve());
      more();
    });
    expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: 'answered', status: 200 });
    await hungUp.promise;
  });

  test('with endless headers is disconnected', async () => {
    const port = await receive((_, response) => {
      response.writeHead(200, { 'x-long': 'x'.repeat(100_000) }).end();
    });
    expect(await send(`http://127.0.0.1:${port}/`)).toEqual({
      kind: 'unanswered',
      reason: 'no answer: UND_ERR_HEADERS_OVERFLOW',
    });
  });

  test('that does not answer, or answers very slowly, times out', async () => {
    const silent = await receive(() => {});
    const dripping = await receive((request) => {
      request.socket.write('HTTP/1.1 200 OK\r\n');
      const drip = setInterval(() => request.socket.write('x: y\r\n'), 20);
      request.socket.on('close', () => clearInterval(drip));
      request.socket.on('error', () => {});
    });
    for (const port of [silent, dripping]) {
      expect(await send(`http://127.0.0.1:${port}/`, { timeoutMs: 300 })).toEqual({
        kind: 'unanswered',
        reason: 'no answer within 0.3 s',
      });
    }
  });

  test('whose DNS servers do not answer times out', async () => {
    const resolve: Resolve = () => new Promise(() => {});
    expect(await send('https://slow.test/', { resolve, timeoutMs: 100 })).toMatchObject({
      kind: 'unanswered',
      reason: 'no answer within 0.1 s',
    });
  });

  test('that is down is reported without its address', async () => {
    const port = await receive(() => {});
    for (const close of closing.splice(0)) await close();
    expect(await send(`http://127.0.0.1:${port}/`)).toEqual({
      kind: 'unanswered',
      reason: 'no answer: ECONNREFUSED',
    });
    expect(await send('https://nowhere.test/')).toEqual({
      kind: 'unanswered',
      reason: 'the name does not resolve',
    });
  });
});
