import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Job } from '@darkroom/core/job/job';
import { Webhook } from 'standardwebhooks';

export interface Received {
  id: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** As the library of Standard Webhooks read it, after it had verified the signature. */
  event: { type: string; timestamp: string; data: Job };
}

type Answer = (response: ServerResponse, received: Received) => void;

/** An app's receiver of webhooks. It takes nothing that the library of Standard Webhooks does not verify. */
export async function openReceiver(secret: string) {
  const webhook = new Webhook(secret);
  const received: Received[] = [];
  const rejected: unknown[] = [];
  const waiting = new Set<() => void>();
  let answer: Answer = taken;

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    try {
      const event = webhook.verify(
        Buffer.concat(chunks),
        request.headers as Record<string, string>,
      ) as Received['event'];
      const one: Received = {
        id: String(request.headers['webhook-id']),
        path: request.url ?? '',
        headers: request.headers,
        event,
      };
      received.push(one);
      answer(response, one);
    } catch (error) {
      rejected.push(error);
      response.writeHead(400).end();
    }
    for (const look of waiting) look();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: (path = '/') => `http://127.0.0.1:${port}${path}`,
    received,
    rejected,
    of: (jobId: string) => received.filter(({ event }) => event.data.id === jobId),
    answerWith(next: Answer) {
      answer = next;
    },
    /** Resolves once this holds; looked at after each message. @throws after 30 s */
    until(holds: () => boolean): Promise<void> {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const look = () => holds() && resolve();
      const late = setTimeout(() => reject(new Error(`only ${received.length} webhooks came`)), 30_000);
      waiting.add(look);
      look();
      return promise.finally(() => {
        clearTimeout(late);
        waiting.delete(look);
      });
    },
    /** As if it were down: connections are refused until `up`. */
    async down() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
    async up() {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    async close() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const taken: Answer = (response) => void response.writeHead(204).end();

export type Receiver = Awaited<ReturnType<typeof openReceiver>>;
