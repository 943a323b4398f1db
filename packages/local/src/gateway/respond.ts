import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GatewayError } from './errors.ts';
import type { Reply } from './plan.ts';

const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers':
    'Content-Range, Content-Type, Content-Length, Preference-Applied, Proxy-Status, WWW-Authenticate',
};

const PREFLIGHT = {
  'Access-Control-Allow-Methods': 'GET, HEAD, POST, PATCH, PUT, DELETE, OPTIONS',
  'Access-Control-Allow-Headers':
    'authorization, apikey, x-client-info, content-type, prefer, accept, accept-profile, content-profile, range, ' +
    'x-retry-count, x-supabase-api-version, traceparent, tracestate, baggage',
  'Access-Control-Max-Age': '3600',
};

export function sendReply(response: ServerResponse, reply: Reply): void {
  send(response, reply.status, reply.headers, reply.body);
}

/** Errors always carry a JSON body of four keys: an empty 404 would look like success to supabase-js. */
export function sendError(request: IncomingMessage, response: ServerResponse, error: GatewayError): void {
  const { code } = error.body;
  const headers = {
    'Content-Type': 'application/json; charset=utf-8',
    ...(code === null ? {} : { 'Proxy-Status': `PostgREST; error=${code}` }),
    ...error.headers,
  };
  if (error.statusText !== undefined) response.statusMessage = printable(error.statusText);
  send(response, error.status, headers, request.method === 'HEAD' ? null : JSON.stringify(error.body));
}

export function sendPreflight(response: ServerResponse): void {
  send(response, 204, PREFLIGHT, null);
}

function send(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: string | null,
): void {
  const bytes = Buffer.from(body ?? '');
  response.writeHead(status, {
    ...CORS,
    ...headers,
    ...(body === null ? {} : { 'Content-Length': bytes.length }),
  });
  response.end(bytes);
}

/** A status line must not contain line breaks or characters beyond Latin-1. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}
