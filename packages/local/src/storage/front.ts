import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Backend, BackendAnswer } from './backend.ts';
import { verifyChecksums } from './checksum.ts';
import { corsHeaders } from './cors.ts';
import { listObjects } from './list.ts';
import { createObjects } from './objects.ts';
import { locate, readRequest, type S3Request } from './request.ts';
import { S3Error } from './s3-error.ts';
import type { Serialize } from './serialize.ts';
import { type Credentials, verifySignature } from './signature.ts';

export interface FrontDeps {
  backend: Backend;
  directory: string;
  bucket: string;
  credentials: Credentials;
  corsOrigins: string[];
  serialize: Serialize;
  now: () => Date;
}

const SERVED_QUERY =
  /^(x-id|list-type|prefix|delimiter|max-keys|continuation-token|start-after|encoding-type|fetch-owner|delete|x-amz-.+|response-(content-.+|cache-control|expires))$/i;

/**
 * The S3 endpoint before s3rver: it checks requests, passes on what s3rver handles correctly, and answers itself where
 * s3rver is more lenient than S3 or wrong. Unknown features are `NotImplemented`, never silently ignored.
 */
export function createFront(deps: FrontDeps) {
  const objects = createObjects(deps);

  return async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const cors = corsHeaders(incoming, deps.corsOrigins);
    if (incoming.method === 'OPTIONS') return void response.writeHead(cors.vary ? 200 : 403, cors).end();
    const answer = await serve(incoming).catch(toAnswer);
    if (response.destroyed) return;
    const { connection: _, 'transfer-encoding': __, ...headers } = answer.headers;
    response.writeHead(answer.status, { ...headers, ...cors });
    response.end(incoming.method === 'HEAD' ? undefined : answer.body);
  };

  async function serve(incoming: IncomingMessage): Promise<BackendAnswer> {
    const request = await readRequest(incoming);
    await verifySignature(request, deps.credentials, deps.now());
    verifyChecksums(request);
    const unknown = [...request.query.keys()].find((name) => !SERVED_QUERY.test(name));
    if (unknown) throw new S3Error('NotImplemented', `The query parameter ${unknown} is not served here.`);
    const key = locate(request.path, deps.bucket);
    return key === '' ? await serveBucket(request) : await serveObject(key, request);
  }

  async function serveObject(key: string, request: S3Request): Promise<BackendAnswer> {
    switch (request.method) {
      case 'PUT':
        return await objects.put(key, request);
      case 'GET':
      case 'HEAD':
        return await objects.read(key, request);
      case 'DELETE':
        return await objects.remove(key);
      default:
        throw new S3Error('MethodNotAllowed', 'The specified method is not allowed against this resource.');
    }
  }

  async function serveBucket(request: S3Request): Promise<BackendAnswer> {
    const { method, query } = request;
    if (method === 'HEAD')
      return { status: 200, headers: { 'x-amz-bucket-region': 'auto' }, body: Buffer.alloc(0) };
    if (method === 'POST' && query.has('delete')) return await objects.removeMany(request);
    if (method === 'GET') {
      const xml = await listObjects(deps, query);
      return { status: 200, headers: { 'content-type': 'application/xml' }, body: Buffer.from(xml) };
    }
    throw new S3Error('NotImplemented', 'Buckets are made and removed outside of this stand-in.');
  }
}

function toAnswer(error: unknown): BackendAnswer {
  const shown =
    error instanceof S3Error ? error : new S3Error('InternalError', `The stand-in failed: ${error}`);
  return {
    status: shown.status,
    headers: { 'content-type': 'application/xml' },
    body: Buffer.from(shown.toXml()),
  };
}
