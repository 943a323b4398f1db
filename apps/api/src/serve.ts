import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAdaptorServer } from '@hono/node-server';

export interface Served {
  /** The URL of the server on this machine. */
  url: string;
  /**
   * Keeps serving for `delayMs`, with `Connection: close` on every response: load balancers notice that this process is not
   * ready, and no client loses a connection that it was about to reuse.
   */
  drain(options: { delayMs: number }): Promise<void>;
  /**
   * Accepts no more requests and waits up to `graceMs` for the running ones, then closes their connections.
   * Idempotent; always resolves.
   */
  stop(options: { graceMs: number }): Promise<void>;
}

/** Longer than load balancers keep idle connections (usually 60 s), so that the balancer closes them and not the server. */
const keepAliveMs = 65_000;
/** How often idle connections are closed while stopping, in milliseconds. */
const idleCheckMs = 50;

/** How long a client may take to send a request, so that slow clients do not occupy connections. */
export interface RequestTimeouts {
  headersMs: number;
  /** Including the body: 30 MB over a slow mobile network. */
  requestMs: number;
  /** How often connections are checked. */
  checkMs: number;
}

const defaultTimeouts: RequestTimeouts = { headersMs: 15_000, requestMs: 120_000, checkMs: 5_000 };
/** Larger headers get a 431. */
const maxHeaderBytes = 16_384;

/**
 * Serves HTTP on `port`; 0 picks a free one. A request that is not sent in time gets a 408. Responses have no time limit.
 * @throws Error if the port cannot be opened
 */
export async function serve(options: {
  fetch: (request: Request) => Response | Promise<Response>;
  port: number;
  /** The address to listen on. */
  hostname: string;
  timeouts?: RequestTimeouts;
}): Promise<Served> {
  const { fetch, port, hostname, timeouts = defaultTimeouts } = options;
  const server = createAdaptorServer({
    fetch,
    serverOptions: {
      headersTimeout: timeouts.headersMs,
      requestTimeout: timeouts.requestMs,
      connectionsCheckingInterval: timeouts.checkMs,
      maxHeaderSize: maxHeaderBytes,
    },
  }) as Server;
  server.keepAliveTimeout = keepAliveMs;
  let draining = false;
  server.prependListener('request', (_request, response: ServerResponse) => {
    if (draining) response.setHeader('Connection', 'close');
  });
  server.listen(port, hostname);
  await once(server, 'listening');
  const { port: actualPort } = server.address() as AddressInfo;

  let stopped: Promise<void> | undefined;
  return {
    url: `http://${isAnyAddress(hostname) ? '127.0.0.1' : hostname}:${actualPort}`,
    async drain({ delayMs }) {
      draining = true;
      if (delayMs > 0) await sleep(delayMs);
    },
    stop: ({ graceMs }) => (stopped ??= closeServer(server, graceMs)),
  };
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  const idleTimer = setInterval(() => server.closeIdleConnections(), idleCheckMs);
  const graceTimer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(idleTimer);
  clearTimeout(graceTimer);
}

function isAnyAddress(hostname: string): boolean {
  return hostname === '0.0.0.0' || hostname === '::';
}
