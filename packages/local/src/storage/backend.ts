import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type RequestListener,
} from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

export interface BackendAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** s3rver, which only the front reaches. */
export interface Backend {
  /** Sends a request that the front has already checked. `key` is decoded. */
  send(method: string, key: string, headers?: Record<string, string>, body?: Buffer): Promise<BackendAnswer>;
  /** Size, ETag and modification time of an object, from its stored metadata. */
  metadata(key: string): Promise<{ etag: string; 'last-modified': string; 'content-length': number }>;
  stop(): Promise<void>;
}

interface S3rver {
  configureBuckets(): Promise<unknown>;
  callback(): RequestListener;
  store: { getMetadata(bucket: string, key: string): ReturnType<Backend['metadata']> };
  logger: { close(): void };
}

/**
 * Starts s3rver over a folder. s3rver checks nothing, so it answers only requests with a secret that the front knows.
 */
export async function startBackend(directory: string, bucket: string): Promise<Backend> {
  const S3rver = createRequire(import.meta.url)('@20minutes/s3rver') as new (options: object) => S3rver;
  const s3rver = new S3rver({ directory, silent: true, configureBuckets: [{ name: bucket }] });
  await s3rver.configureBuckets();

  const word = randomUUID();
  const serve = s3rver.callback();
  const server = createServer((request, response) => {
    if (request.headers['x-front'] !== word) return response.writeHead(403).end();
    delete request.headers['x-front'];
    serve(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });

  return {
    send: async (method, key, headers = {}, body) => {
      const path = `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
      const request = httpRequest({
        host: '127.0.0.1',
        port,
        agent,
        method,
        path,
        headers: { ...headers, 'x-front': word, ...(body && { 'content-length': String(body.length) }) },
      });
      request.end(body);
      const [response] = await once(request, 'response');
      return {
        status: response.statusCode,
        headers: response.headers,
        body: Buffer.concat(await response.toArray()),
      };
    },
    metadata: (key) => s3rver.store.getMetadata(bucket, key),
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await closed;
      s3rver.logger.close();
    },
  };
}
