import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAdaptorServer } from '@hono/node-server';

export interface Served {
  /** Where it can be reached from this machine. */
  url: string;
  /**
   * Goes on answering for `delayMs`, each answer the last on its connection: balancers have the time to see that this
   * process is going, and no client finds a connection closed that it was about to use.
   */
  leave(options: { delayMs: number }): Promise<void>;
  /**
   * Takes no further requests and waits up to `drainMs` for those that run, then cuts them off.
   * Idempotent; always resolves.
   */
  stop(options: { drainMs: number }): Promise<void>;
}

/** Longer than a load balancer keeps a connection it does not use (60 s is usual): the balancer must be the one to end it. */
const keepAliveMs = 65_000;
/** How often connections that have become idle are looked for while stopping, in milliseconds. */
const idleCheckMs = 50;

/** How long a client may take to send a request, in milliseconds: one that dawdles must not hold a connection for nothing. */
export interface Patience {
  headersMs: number;
  /** The body included: 30 MB over a slow mobile network. */
  requestMs: number;
  /** How often connections are looked at. */
  checkMs: number;
}

const usualPatience: Patience = { headersMs: 15_000, requestMs: 120_000, checkMs: 5_000 };
/** More than any client of ours sends; what is larger is answered with 431. */
const maxHeaderBytes = 16_384;

/**
 * Serves HTTP on a port; 0 is a free one. A request that is not sent in time is answered with 408; for how long it is
 * answered is the application's to say. @throws Error when the port cannot be had
 */
export async function serve(options: {
  fetch: (request: Request) => Response | Promise<Response>;
  port: number;
  /** The address to listen on. */
  hostname: string;
  patience?: Patience;
}): Promise<Served> {
  const { fetch, port, hostname, patience = usualPatience } = options;
  const server = createAdaptorServer({
    fetch,
    serverOptions: {
      headersTimeout: patience.headersMs,
      requestTimeout: patience.requestMs,
      connectionsCheckingInterval: patience.checkMs,
      maxHeaderSize: maxHeaderBytes,
    },
  }) as Server;
  server.keepAliveTimeout = keepAliveMs;
  let leaving = false;
  server.prependListener('request', (_request, response: ServerResponse) => {
    if (leaving) response.setHeader('Connection', 'close');
  });
  server.listen(port, hostname);
  await once(server, 'listening');
  const { port: actualPort } = server.address() as AddressInfo;

  let stopped: Promise<void> | undefined;
  return {
    url: `http://${isAnyAddress(hostname) ? '127.0.0.1' : hostname}:${actualPort}`,
    async leave({ delayMs }) {
      leaving = true;
      if (delayMs > 0) await sleep(delayMs);
    },
    stop: ({ drainMs }) => (stopped ??= drain(server, drainMs)),
  };
}

async function drain(server: Server, drainMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  const idle = setInterval(() => server.closeIdleConnections(), idleCheckMs);
  const cutOff = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearInterval(idle);
  clearTimeout(cutOff);
}

function isAnyAddress(hostname: string): boolean {
  return hostname === '0.0.0.0' || hostname === '::';
}
