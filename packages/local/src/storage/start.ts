import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBackend } from './backend.ts';
import { createFaults, type StorageFault, type StorageFaults } from './faults.ts';
import { createFront } from './front.ts';
import { createPublicReader } from './public.ts';
import { S3Error } from './s3-error.ts';
import { createSerialize } from './serialize.ts';
import { serveFaults } from './serve-faults.ts';
import type { Credentials } from './signature.ts';

export interface StorageOptions extends Credentials {
  /** The folder for the objects; existing objects are served. */
  directory: string;
  bucket: string;
  /** The allowed CORS origins of both addresses. Default: any. */
  corsOrigins?: string[];
  now?: () => Date;
}

export interface LocalStorage {
  /** The S3 API, for path-style requests. */
  endpoint: string;
  /** Objects are public at `<publicUrl>/<key>`. */
  publicUrl: string;
  /** Faults of the S3 API; other processes set them at `<endpoint>/__faults`. */
  faults: StorageFaults;
  /** Closes every connection; the objects stay. Idempotent. */
  stop(): Promise<void>;
}

/** Starts an object store that behaves as R2: s3rver behind a stricter front. */
export async function startStorage(options: StorageOptions): Promise<LocalStorage> {
  const { directory, bucket, corsOrigins = ['*'], now = () => new Date() } = options;
  await mkdir(directory, { recursive: true });
  const backend = await startBackend(directory, bucket);
  const serialize = createSerialize();
  const faults = createFaults();
  const stopping = new AbortController();
  const front = createFront({
    backend,
    directory,
    bucket,
    credentials: options,
    corsOrigins,
    serialize,
    now,
  });

  const api = await listen(async (request, response) => {
    const path = request.url?.split('?')[0] ?? '/';
    if (path === '/__faults')
      return serveFaults(request, response, { faults, secret: options.secretAccessKey });
    const fault = request.method === 'OPTIONS' ? null : faults.take(request.method ?? 'GET', path);
    await endure(fault, {
      request,
      response,
      serve: () => front(request, response),
      signal: stopping.signal,
    });
  });
  const reader = await listen(createPublicReader({ backend, serialize, corsOrigins }));

  let stopped: Promise<void> | undefined;
  return {
    endpoint: addressOf(api),
    publicUrl: addressOf(reader),
    faults,
    stop: () => {
      stopping.abort();
      stopped ??= Promise.all([close(api), close(reader)]).then(() => backend.stop());
      return stopped;
    },
  };
}

/** Serves a request and applies a matching fault. */
async function endure(
  fault: StorageFault | null,
  call: {
    request: IncomingMessage;
    response: ServerResponse;
    serve: () => Promise<void>;
    signal: AbortSignal;
  },
): Promise<void> {
  switch (fault?.fault) {
    case 'hang':
      call.request.resume();
      return;
    case 'reset':
      call.request.socket.resetAndDestroy();
      return;
    case 'unavailable': {
      call.request.resume();
      const error = new S3Error('ServiceUnavailable', 'Reduce your request rate.');
      call.response.writeHead(error.status, { 'content-type': 'application/xml' }).end(error.toXml());
      return;
    }
    case 'lose_answer': {
      const { socket } = call.request;
      call.response.writeHead = () => {
        socket.resetAndDestroy();
        return call.response;
      };
      await call.serve();
      return;
    }
    case 'slow':
      await sleep(fault.ms ?? 1000, undefined, { signal: call.signal }).catch(() => undefined);
      await call.serve();
      return;
    case undefined:
      await call.serve();
  }
}

async function listen(
  serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<Server> {
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
