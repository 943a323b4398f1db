import type { Tracing } from '@darkroom/core/trace/tracing';
import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { ApiEnv } from './env.ts';

/** Every request below /v1 and /webhooks is a span, and goes on with the trace that its `traceparent` names. */
export function traceRequests(tracing: Tracing): MiddlewareHandler<ApiEnv> {
  return (c, next) => {
    if (!tracing.enabled || !/^\/(v1|webhooks)\//.test(c.req.path)) return next();
    const { method } = c.req;
    return tracing.span(
      method,
      { kind: 'server', parent: c.req.header('traceparent') ?? null },
      async (span) => {
        span.set({ 'http.request.method': method, 'darkroom.request_id': c.get('requestId') });
        await next();
        const route = routePath(c, -1);
        span.rename(`${method} ${route}`);
        span.set({ 'http.route': route, 'http.response.status_code': c.res.status });
        if (c.res.status >= 500) span.fail(`answered ${c.res.status}`);
      },
    );
  };
}
