import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from './env.ts';

/** Keeps responses out of shared caches; the client's own cache must revalidate. */
export const noSharedCache: MiddlewareHandler<ApiEnv> = async (c, next) => {
  c.header('Cache-Control', 'private, no-cache');
  c.header('Vary', 'Authorization');
  await next();
};
