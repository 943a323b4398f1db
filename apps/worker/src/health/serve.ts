import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HealthDeps {
  /** Whether this worker takes jobs. */
  ready(): boolean;
  workerId(): string;
}

export interface HealthServer {
  /** Where it answers from this machine, without a trailing slash. */
  readonly url: string;
  /** Idempotent. */
  close(): Promise<void>;
}

/**
 * Serves `/health/live` (the process answers) and `/health/ready` (it holds a lease and takes jobs; 503 otherwise)
 * Port 0 picks a free one.
 * @throws when the port is taken.
 */
export async function serveHealth(
  { ready, workerId }: HealthDeps,
  { host, port }: { host: string; port: number },
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/health/live') return answer(response, 200, { status: 'ok' });
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
