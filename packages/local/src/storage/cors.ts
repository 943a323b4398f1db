import type { IncomingMessage } from 'node:http';

/** The CORS headers for an answer; {} when the origin may not read it. */
export function corsHeaders(request: IncomingMessage, origins: string[]): Record<string, string> {
  const { origin } = request.headers;
  if (!origin || !(origins.includes('*') || origins.includes(origin))) return {};
  const wanted = request.headers['access-control-request-headers'];
  return {
    'access-control-allow-origin': origins.includes('*') ? '*' : origin,
    'access-control-expose-headers': 'ETag',
    vary: 'Origin',
    ...(request.method === 'OPTIONS' && {
      'access-control-allow-methods': 'GET, HEAD, PUT, POST, DELETE',
      'access-control-allow-headers': wanted ?? '',
      'access-control-max-age': '3600',
    }),
  };
}
