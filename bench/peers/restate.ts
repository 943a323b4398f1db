import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import * as restate from '@restatedev/restate-sdk';
import type { Peer, PeerOptions } from './peer.ts';

/** Restate: a handler of three recorded steps behind Restate's server, which limits the concurrency. */
export function createRestate({ restate: server }: PeerOptions): Peer {
  if (!server) throw new Error('Restate needs its server.');
  const send = async (jobId: string) => {
    const answer = await fetch(`${server.ingress}/generation/generate/send`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': jobId },
      body: JSON.stringify(jobId),
    });
    if (!answer.ok) throw new Error(`Restate: ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
  };
  return {
    async prepare() {},
    async openProducer() {
      return {
        async enqueue() {},
        enqueueAfter: send,
        async enqueueAll(jobIds) {
          await Promise.all(jobIds.map(send));
        },
        async close() {},
      };
    },
    async work(work, onDone) {
      const generation = restate.service({
        name: 'generation',
        handlers: {
          async generate(context: restate.Context, jobId: string) {
            const claim = await context.run('claim', () => work.claim(jobId));
            const rendered = await context.run('render', () => work.render(jobId, claim));
            await context.run('complete', () => work.complete(jobId, claim.attempt, rendered));
            await onDone(jobId);
          },
        },
      });
      const endpoint = restate.createEndpointHandler({ services: [generation] });
      const listener = http2.createServer(endpoint);
      await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
      const { port } = listener.address() as AddressInfo;
      const answer = await fetch(`${server.admin}/deployments`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ uri: `http://127.0.0.1:${port}` }),
      });
      if (!answer.ok) throw new Error(`Restate: ${answer.status} ${await answer.text()}`);
      return async () => void listener.close();
    },
  };
}
