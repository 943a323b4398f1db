import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CountingDoor {
  url: string;
  /** Requests so far, by method. */
  counts(): Record<string, number>;
  close(): Promise<void>;
}

/** Passes requests on as they are, and counts them. */
export async function openCountingDoor(target: string): Promise<CountingDoor> {
  const seen: Record<string, number> = {};
  const server = createServer((incoming, outgoing) => {
    const method = incoming.method ?? 'GET';
    seen[method] = (seen[method] ?? 0) + 1;
    const passed = request(
      new URL(incoming.url ?? '/', target),
      { method, headers: incoming.headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
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
