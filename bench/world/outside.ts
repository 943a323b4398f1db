/**
 * A program: the model and the object store, as cheap as they can be, so that they take little of the machine that is
 * measured. The model answers every call with the same 1024-pixel PNG after a time between the two it was told; the
 * store takes what it is given and keeps nothing.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { paintImage } from './image.ts';
import { runProgram } from './program.ts';

export interface OutsideOrder {
  latencyMs: { min: number; max: number };
  /** Pixels of a side; 1024 is what the models make. */
  side?: number;
}

export interface OutsideReady {
  model: string;
  store: string;
  imageBytes: number;
}

runProgram<OutsideOrder>(async (order) => {
  let { latencyMs } = order;
  const spread = createSpread();
  const image = await paintImage(order.side ?? 1024);
  const answer = Buffer.from(modelAnswer(image));

  const model = await listen(async (request, response) => {
    await drain(request);
    const { min, max } = latencyMs;
    if (max > 0) await sleep(min + spread() * (max - min));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length });
    response.end(answer);
  });
  const store = await listen(async (request, response) => {
    await drain(request);
    if (request.method === 'PUT') return response.writeHead(200, { etag: '"kept"' }).end();
    if (request.method === 'DELETE') return response.writeHead(204).end();
    if (request.url?.includes('list-type=2')) return response.writeHead(200).end(emptyList);
    response.writeHead(404).end();
  });

  const ready: OutsideReady = { model: url(model), store: url(store), imageBytes: image.length };
  return {
    ready,
    answer: async (question: { latencyMs: typeof latencyMs }) => {
      latencyMs = question.latencyMs;
    },
  };
});

/** From 0 to 1, evenly, in an order that never comes back: any few of them together are as long as any others. */
function createSpread(): () => number {
  const goldenRatio = (Math.sqrt(5) - 1) / 2;
  let at = 0;
  return () => {
    at = (at + goldenRatio) % 1;
    return at;
  };
}

const emptyList =
  '<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated><KeyCount>0</KeyCount></ListBucketResult>';

function modelAnswer(image: Buffer): string {
  const inlineData = { mimeType: 'image/png', data: image.toString('base64') };
  const content = { role: 'model', parts: [{ inlineData }] };
  return JSON.stringify({
    candidates: [{ content, finishReason: 'STOP', index: 0 }],
    usageMetadata: { promptTokenCount: 12, candidatesTokenCount: 1290, totalTokenCount: 1302 },
  });
}

async function drain(request: IncomingMessage): Promise<void> {
  for await (const _ of request);
}

async function listen(serve: RequestListener): Promise<Server> {
  const server = createServer({ keepAliveTimeout: 60_000 }, serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function url(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
