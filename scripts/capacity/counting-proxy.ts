import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CountingProxy {
  url: string;
  /** The number of requests by method. */
  counts(): Record<string, number>;
  close(): Promise<void>;
}

/** An HTTP proxy that counts requests. */
export async function openCountingProxy(target: string): Promise<CountingProxy> {
  const seen: Record<string, number> = {};
  const server = createServer((incoming, outgoing) => {
    const method = incoming.method ?? 'GET';
    seen[method] = (seen[method] ?? 0) + 1;
    const forwarded = request(
      new URL(incoming.url ?? '/', target),
      { method, headers: incoming.headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts: () => ({ ...seen }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
