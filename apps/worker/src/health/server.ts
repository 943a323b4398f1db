import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from '@darkroom/core/runtime/metrics/metrics';
import { maySeeMetrics } from '@darkroom/core/runtime/metrics/token';

export interface HealthDeps {
  /** Whether the worker holds a lease and takes jobs. */
  ready(): boolean;
  workerId(): string;
  /** Served at `/metrics`; where `token` is set, only with it as bearer token. Omitted: 404. */
  metrics?: Pick<Metrics, 'scrape'> & { token?: string };
}

export interface HealthServer {
  /** The loopback URL, without a trailing slash. */
  readonly url: string;
  /** Idempotent. */
  close(): Promise<void>;
}

/**
 * Serves `/health/live` (200 while the process answers), `/health/ready` (200 while it holds a lease and takes jobs, else
 * 503) and `/metrics` (401 without the token, where one is required). Port 0 picks a free port.
 * @throws when the port is taken.
 */
export async function serveHealth(
  { ready, workerId, metrics }: HealthDeps,
  { host, port }: { host: string; port: number },
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/health/live') return answer(response, 200, { status: 'ok' });
    if (path === '/metrics' && metrics) return void serveMetrics(request, response, metrics);
    if (path !== '/health/ready') return answer(response, 404, { status: 'not_found' });
    if (ready()) return answer(response, 200, { status: 'ok', worker_id: workerId() });
    return answer(response, 503, { status: 'unavailable', worker_id: workerId() });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${bound}`,
    async close() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(response: ServerResponse, status: number, body: Record<string, string>): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

async function serveMetrics(
  { headers }: IncomingMessage,
  response: ServerResponse,
  { token, scrape }: NonNullable<HealthDeps['metrics']>,
): Promise<void> {
  if (!maySeeMetrics(headers.authorization, token)) {
    response.setHeader('www-authenticate', 'Bearer');
    return answer(response, 401, { status: 'unauthenticated' });
  }
  const { contentType, text } = await scrape();
  response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' });
  response.end(text);
}
