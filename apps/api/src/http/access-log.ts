import { type LogContext, noContext } from '@darkroom/core/runtime/log/context';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { ApiEnv } from './env.ts';

/**
 * Logs each finished request, and adds its id to every line logged while it runs. Successful health checks and scrapes
 * are not logged. `now` is monotonic, in milliseconds.
 */
export function accessLog(
  log: Log,
  now: () => number,
  within: LogContext['within'] = noContext,
): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const startedAt = now();
    await within({ request_id: c.get('requestId') }, next);
    if ((c.req.path.startsWith('/health/') || c.req.path === '/metrics') && c.res.ok) return;
    log.fact('request_finished', {
      request_id: c.get('requestId'),
      method: c.req.method,
      path: c.req.path,
      route: routePath(c, -1),
      status: c.res.status,
      ms: Math.round(now() - startedAt),
      user_id: c.get('user')?.id,
    });
  };
}
