import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Backend } from './backend.ts';
import { corsHeaders } from './cors.ts';
import { checkKey, decodePath } from './request.ts';
import { S3Error } from './s3-error.ts';
import type { Serialize } from './serialize.ts';

const SHOWN = /^(content-|etag$|last-modified$|cache-control$|accept-ranges$|expires$)/;
const ASKED = ['range', 'if-none-match', 'if-modified-since'] as const;

/** Serves `/<key>` publicly, as a public R2 domain does: single objects without listing and metadata. */
export function createPublicReader(deps: { backend: Backend; serialize: Serialize; corsOrigins: string[] }) {
  const { backend, serialize, corsOrigins } = deps;

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    request.resume();
    const cors = corsHeaders(request, corsOrigins);
    const { method = 'GET' } = request;
    if (method === 'OPTIONS') return void response.writeHead(cors.vary ? 204 : 403, cors).end();
    if (method !== 'GET' && method !== 'HEAD')
      return void response.writeHead(405, { allow: 'GET, HEAD' }).end();

    const key = keyOf(request.url ?? '/');
    const asked = ASKED.flatMap((name) => (request.headers[name] ? [[name, request.headers[name]]] : []));
    const found = key && (await serialize(key, () => backend.send(method, key, Object.fromEntries(asked))));
    if (!found || found.status >= 400) {
      const status = found && found.status === 416 ? 416 : 404;
      return void response
        .writeHead(status, { ...cors, 'content-type': 'text/plain' })
        .end('Object not found\n');
    }
    const shown = Object.entries(found.headers).filter(([name]) => SHOWN.test(name));
    response.writeHead(found.status, { ...Object.fromEntries(shown), ...cors }).end(found.body);
  };
}

function keyOf(url: string): string | null {
  try {
    return checkKey(decodePath(url.split('?')[0] ?? '/').slice(1));
  } catch (error) {
    if (error instanceof S3Error) return null;
    throw error;
  }
}
