import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ZodError } from 'zod';
import { createCallLog, type RecordedCall } from './calls.ts';
import { createDirectives } from './directives.ts';
import { createFaults, type FaultControl, type FaultRule } from './faults.ts';
import { generate } from './generate.ts';
import { apiKeyInvalid, GoogleError, invalidArgument, modelNotFound } from './google-error.ts';
import { DEFAULT_MODELS, describeModel, type LocalModel } from './models.ts';
import { createPainter } from './painter.ts';

export interface GeminiOptions {
  /** The only accepted API key. */
  apiKey: string;
  /** The delay of a call in milliseconds, or a range for a random delay. Default 0. */
  latencyMs?: number | { min: number; max: number };
  models?: LocalModel[];
  port?: number;
  /** Cheap images of the real size, for load. */
  quick?: boolean;
  random?: () => number;
  now?: () => number;
}

export interface LocalGemini {
  /** For `GEMINI_BASE_URL`. */
  url: string;
  faults: FaultControl;
  /** Calls of generateContent, oldest first. */
  calls(): RecordedCall[];
  /** Closes every connection. Idempotent. */
  stop(): Promise<void>;
}

const LARGEST_BODY_BYTES = 100 * 1024 * 1024;

/** Starts a server with the API of Gemini that paints an image for each prompt. */
export async function startGemini(options: GeminiOptions): Promise<LocalGemini> {
  const { apiKey, models = DEFAULT_MODELS, port = 0, random = Math.random, now = Date.now } = options;
  const { min, max } = toRange(options.latencyMs ?? 0);
  const faults = createFaults();
  const directives = createDirectives();
  const log = createCallLog(now);
  const deps = {
    painter: createPainter({ quick: options.quick }),
    latencyMs: () => min + random() * (max - min),
    take: (model: string, prompt: string) => [
      ...faults.take(model, prompt),
      ...directives.take(model, prompt),
    ],
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error) => refuse(response, error));
  });
  server.requestTimeout = 0;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://gemini');
    const key = request.headers['x-goog-api-key'] ?? searchParams.get('key');
    if (!key) throw new GoogleError('PERMISSION_DENIED', "Method doesn't allow unregistered callers.");
    if (key !== apiKey) throw apiKeyInvalid();

    const [, version = '', id, verb] =
      /^\/(v1|v1beta)\/models(?:\/([^/:]+))?(?::(\w+))?$/.exec(pathname) ?? [];
    if (!version) return await serveControl(`${request.method} ${pathname}`, request, response);
    if (request.method === 'GET' && !id) return json(response, { models: models.map(describeModel) });
    const model = models.find((one) => one.id === id);
    if (request.method === 'GET' && model && !verb) return json(response, describeModel(model));
    if (request.method !== 'POST' || verb !== 'generateContent') throw noSuchPath(pathname);

    const record = log.open(id ?? '');
    const gone = watch(response, record);
    const body = await readBody(request);
    if (!model) throw modelNotFound(id ?? '', version);
    await generate({ model, version, body, response, record }, deps, gone);
  }

  async function serveControl(
    call: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    switch (call) {
      case 'POST /faults':
        faults.add(JSON.parse((await readBody(request)).toString()) as FaultRule);
        return json(response, { faults: faults.list() });
      case 'GET /faults':
        return json(response, { faults: faults.list() });
      case 'DELETE /faults':
        faults.clear();
        return json(response, {});
      case 'GET /calls':
        return json(response, { calls: log.list() });
      case 'DELETE /calls':
        log.clear();
        return json(response, {});
      default:
        throw noSuchPath(call);
    }
  }

  /** @returns a signal that aborts when the client disconnects before the answer is sent. */
  function watch(response: ServerResponse, record: RecordedCall): AbortSignal {
    const gone = new AbortController();
    response.on('finish', () => {
      record.status = response.statusCode;
    });
    response.on('close', () => {
      record.endedAt = now();
      record.aborted = !response.writableFinished;
      if (record.aborted) gone.abort();
    });
    return gone.signal;
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    calls: () => log.list(),
    stop: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function toRange(latencyMs: number | { min: number; max: number }): { min: number; max: number } {
  return typeof latencyMs === 'number' ? { min: latencyMs, max: latencyMs } : latencyMs;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= LARGEST_BODY_BYTES) chunks.push(chunk);
  }
  if (size > LARGEST_BODY_BYTES)
    throw invalidArgument('Request payload size exceeds the limit: 104857600 bytes.');
  return Buffer.concat(chunks);
}

function noSuchPath(path: string): GoogleError {
  return new GoogleError('NOT_FOUND', `The local Gemini does not serve ${path}.`);
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.destroyed) return;
  const shown = toGoogleError(error);
  response.writeHead(shown.code, { 'content-type': 'application/json; charset=UTF-8' }).end(shown.toJson());
}

function toGoogleError(error: unknown): GoogleError {
  if (error instanceof GoogleError) return error;
  if (error instanceof ZodError || error instanceof SyntaxError) return invalidArgument(error.message);
  return new GoogleError('INTERNAL', `The local Gemini failed: ${error}`);
}

function json(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=UTF-8' }).end(JSON.stringify(body));
}
