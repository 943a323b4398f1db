import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import type { ApiEnv } from './env.ts';

/** The headers by which a browser decides what a page may read. */
export const crossOriginHeaders = ['access-control-allow-origin', 'access-control-expose-headers'];

/**
 * Lets pages of these origins call the API; none unless named. No credentials: the token travels in a header
 * that the page sets itself, never in a cookie.
 */
export function crossOrigin(origins: readonly string[]): MiddlewareHandler<ApiEnv> {
  if (origins.length === 0) return async (_, next) => next();
  return cors({
    origin: origins.includes('*') ? '*' : [...origins],
    allowMethods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    allowHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'If-None-Match', 'X-Request-Id'],
    exposeHeaders: ['Location', 'Retry-After', 'Idempotent-Replayed', 'ETag', 'X-Request-Id'],
    maxAge: 600,
  });
}
