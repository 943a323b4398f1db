/**
 * A program: a model and an object store that use as little CPU as possible. The model answers every call with the same
 * PNG after a delay within the given range; the store accepts every object and keeps none.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeImage } from './image.ts';
import { runProgram } from './run-program.ts';

export interface ServicesOptions {
  latencyMs: { min: number; max: number };
  /** The side of the image in pixels; default 1024, as the real models. */
  side?: number;
}

export interface ServicesReady {
  model: string;
  store: string;
  imageBytes: number;
}

runProgram<ServicesOptions>(async (options) => {
  let { latencyMs } = options;
  const spread = createSpread();
  const image = await makeImage(options.side ?? 1024);
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

  const ready: ServicesReady = { model: url(model), store: url(store), imageBytes: image.length };
  return {
    ready,
    answer: async (question: { latencyMs: typeof latencyMs }) => {
      latencyMs = question.latencyMs;
    },
  };
});

/** Evenly spread numbers from 0 to 1 (golden ratio): every few of them in a row have nearly the same mean. */
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
