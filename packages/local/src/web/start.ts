import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ClerkKeys } from '../clerk/keys.ts';
import { buildPage } from './build.ts';
import { type PageFile, readPage } from './files.ts';
import { signIn } from './sign-in.ts';

export interface LocalWeb {
  url: string;
  /** The origins of this page, for `CORS_ORIGINS` of the API. */
  origins: string[];
  /** Sets the URL of the API; until then the page has no config.json. */
  pointAt(api: string): void;
  /** Resolves when the page is built. @throws when it cannot be */
  ready: Promise<void>;
  /** Idempotent. */
  stop(): Promise<void>;
}

export interface WebOptions {
  /** The keys of the local Clerk, for the sign-in by name; null with the real Clerk. */
  keys: ClerkKeys | null;
  /** The key of the real Clerk. */
  publishableKey: string | null;
  say: (line: string) => void;
  /** Default: a free port. */
  port?: number;
}

/** Serves the page on 127.0.0.1 with its configuration and, for the local Clerk, a sign-in by name. */
export async function startWeb({ keys, publishableKey, say, port = 0 }: WebOptions): Promise<LocalWeb> {
  let api: string | null = null;
  let origins: string[] = [];
  const files = buildPage({ say }).then(readPage);
  files.catch(() => {});

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: actual } = server.address() as AddressInfo;
  origins = [`http://127.0.0.1:${actual}`, `http://localhost:${actual}`];

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Another site may point its own host name to this address (DNS rebinding); it must get nothing.
    if (!origins.includes(`http://${request.headers.host}`)) return plain(response, 403, 'Not this host.');
    const { pathname } = new URL(request.url ?? '/', 'http://page');
    if (pathname === '/local/sign-in' && keys) return serveSignIn(keys, request, response);
    if (request.method !== 'GET' && request.method !== 'HEAD') return plain(response, 405, 'GET it.');
    if (pathname === '/config.json' && api) {
      return json(response, 200, { api, clerk_publishable_key: keys ? null : publishableKey });
    }
    const file = (await files).get(pathname);
    if (!file) return plain(response, 404, 'There is nothing at this address.');
    send(response, 200, file, request.method === 'HEAD');
  }

  async function serveSignIn(
    clerk: ClerkKeys,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { origin, 'content-type': type, 'content-length': length } = request.headers;
    const isOurs = origin === undefined || origins.includes(origin);
    if (!isOurs || request.method !== 'POST' || !type?.startsWith('application/json')) {
      return plain(response, 403, 'POST a name as JSON, from the page.');
    }
    if (!(Number(length) <= 1_000)) return plain(response, 413, 'Too long for a name.');
    const signedIn = await signIn(clerk, parse(await text(request)));
    if (signedIn) return json(response, 200, signedIn);
    plain(response, 422, 'Send {"name": "…"}.');
  }

  return {
    url: origins[0]!,
    origins,
    pointAt(url) {
      api = url;
    },
    ready: files.then(() => {}),
    async stop() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function plain(response: ServerResponse, status: number, words: string): void {
  const bytes = Buffer.from(`${words}\n`);
  send(response, status, { bytes, headers: { 'content-type': 'text/plain; charset=utf-8' } });
}

function json(response: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body));
  send(response, status, {
    bytes,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  });
}

function send(response: ServerResponse, status: number, { bytes, headers }: PageFile, isHead = false): void {
  response.writeHead(status, {
    ...headers,
    'content-length': bytes.length,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
  });
  response.end(isHead ? undefined : bytes);
}
