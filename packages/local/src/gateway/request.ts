import type { IncomingMessage } from 'node:http';
import { badBody, GatewayError } from './errors.ts';
import { type Preferences, parsePreferences } from './preferences.ts';
import { parseQuery, type Query } from './query.ts';

const PREFIX = '/rest/v1';
const MAX_BODY_BYTES = 20 * 1024 * 1024;

export interface RestRequest {
  method: string;
  /** Without `/rest/v1`, still percent-encoded: `/jobs`, `/rpc/create_job`. */
  path: string;
  headers: Record<string, string>;
  query: Query;
  prefer: Preferences;
  /** The client wants exactly one row, as an object. */
  single: boolean;
}

/**
 * Reads a request without its body.
 * @throws GatewayError 404 outside `/rest/v1`, 406 for a schema other than public or a media type unknown here.
 */
export function readRequest(incoming: IncomingMessage): RestRequest {
  const method = incoming.method ?? 'GET';
  const [path = '/', search = ''] = splitOnce(incoming.url ?? '/', '?');
  if (path !== PREFIX && !path.startsWith(`${PREFIX}/`)) {
    throw new GatewayError(404, {
      message: 'no Route matched with those values',
      details: 'The local gateway serves /rest/v1 only.',
    });
  }
  const headers = flatHeaders(incoming);
  const reads = method === 'GET' || method === 'HEAD';
  checkSchema(reads ? headers['accept-profile'] : headers['content-profile']);
  return {
    method,
    path: path.slice(PREFIX.length) || '/',
    headers,
    query: parseQuery(search),
    prefer: parsePreferences(headers.prefer),
    single: isSingle(headers.accept),
  };
}

/** Reads the body as text. @throws GatewayError 413 beyond 20 MB, 415 when it is not JSON. */
export async function readBody(incoming: IncomingMessage): Promise<string> {
  const type = incoming.headers['content-type'];
  if (type !== undefined && !/^application\/(.+\+)?json\b/i.test(type)) {
    throw new GatewayError(415, { code: 'PGRST102', message: `Content-Type not acceptable: ${type}` });
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Read to the end: a client that is still sending would not see the answer.
    if (size > MAX_BODY_BYTES) chunks.length = 0;
    else chunks.push(chunk);
  }
  if (size > MAX_BODY_BYTES) {
    throw new GatewayError(413, { message: 'Request size limit exceeded', details: 'The limit is 20 MB.' });
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** @throws GatewayError PGRST102 */
export function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badBody('Empty or invalid json');
  }
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function flatHeaders(incoming: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

function checkSchema(schema: string | undefined): void {
  if (schema === undefined || schema === 'public') return;
  throw new GatewayError(406, {
    code: 'PGRST106',
    message: `Invalid schema: ${schema}`,
    hint: 'Only the following schemas are exposed: public',
  });
}

function isSingle(accept: string | undefined): boolean {
  for (const part of (accept ?? '*/*').split(',')) {
    const [type = '', ...options] = part.split(';').map((piece) => piece.trim().toLowerCase());
    if (options.includes('nulls=stripped')) continue;
    if (type === 'application/vnd.pgrst.object+json' || type === 'application/vnd.pgrst.object') return true;
    if (type === '*/*' || type === 'application/*' || type === 'application/json') return false;
  }
  throw new GatewayError(406, {
    code: 'PGRST107',
    message: `None of these media types are available: ${accept}`,
  });
}
