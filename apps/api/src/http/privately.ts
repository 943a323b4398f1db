import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from './env.ts';

/** What a user is shown is kept by no shared cache, and by the user's own only to be asked about again. */
export const privately: MiddlewareHandler<ApiEnv> = async (c, next) => {
  c.header('Cache-Control', 'private, no-cache');
  c.header('Vary', 'Authorization');
  await next();
};
