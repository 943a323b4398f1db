import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Balancer {
  url: string;
  add(url: string): void;
  /** Resolves when requests go there. */
  whenReady(url: string): Promise<void>;
  /** Looks no longer at a process that has ended. */
  remove(url: string): void;
  close(): Promise<void>;
}

interface Backend {
  url: string;
  ready: boolean;
  becameReady: PromiseWithResolvers<void>;
  timer: NodeJS.Timeout | undefined;
}

/**
 * A plain load balancer: in turn to each process whose `/health/ready` answers 200, over connections that are kept.
 * It hides nothing: what a process does not answer is a 502, and nothing is tried a second time.
 */
export async function openBalancer({ probeEveryMs }: { probeEveryMs: number }): Promise<Balancer> {
  const backends: Backend[] = [];
  const agent = new Agent({ keepAlive: true });
  let turn = 0;

  const server = createServer((incoming, outgoing) => {
    const ready = backends.filter((backend) => backend.ready);
    const backend = ready[turn++ % Math.max(1, ready.length)];
    if (backend) pass(incoming, outgoing, backend.url, agent);
    else outgoing.writeHead(503).end('nobody is ready');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  async function probe(backend: Backend): Promise<void> {
    backend.ready = await fetch(`${backend.url}/health/ready`, { signal: AbortSignal.timeout(2_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (backend.ready) backend.becameReady.resolve();
    if (backends.includes(backend)) backend.timer = setTimeout(() => void probe(backend), probeEveryMs);
  }

  function remove(url: string): void {
    const at = backends.findIndex((backend) => backend.url === url);
    if (at >= 0) clearTimeout(backends.splice(at, 1)[0]?.timer);
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    add(url) {
      const backend = {
        url,
        ready: false,
        becameReady: Promise.withResolvers<void>(),
        timer: undefined,
      };
      backends.push(backend);
      void probe(backend);
    },
    whenReady: async (url) => backends.find((backend) => backend.url === url)?.becameReady.promise,
    remove,
    async close() {
      for (const { url } of [...backends]) remove(url);
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function pass(incoming: IncomingMessage, outgoing: ServerResponse, base: string, agent: Agent): void {
  const { method, headers, url } = incoming;
  const passed = request(new URL(url ?? '/', base), { method, headers, agent }, (answer) => {
    const { connection: _hop, ...rest } = answer.headers;
    outgoing.writeHead(answer.statusCode ?? 502, rest);
    answer.pipe(outgoing);
    answer.on('error', () => outgoing.destroy());
  });
  passed.on('error', (error) => {
    if (outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(502).end(String(error));
  });
  incoming.pipe(passed);
}
