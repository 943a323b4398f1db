import type { TrustedProxies } from '@darkroom/core/runtime/network/client-address';
import type { Tracing } from '@darkroom/core/runtime/trace/tracing';
import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import { peerAddress } from '../rate-limit/client-address.ts';
import type { ApiEnv } from './env.ts';

/**
 * Records a span for every request below /v1 and /webhooks. A `traceparent` from a trusted proxy becomes the parent. Any
 * other is only linked, so that clients cannot decide what is sampled.
 */
export function traceRequests(tracing: Tracing, isTrusted: TrustedProxies): MiddlewareHandler<ApiEnv> {
  return (c, next) => {
    if (!tracing.enabled || !/^\/(v1|webhooks)\//.test(c.req.path)) return next();
    const { method } = c.req;
    const traceparent = c.req.header('traceparent') ?? null;
    const from = isTrusted(peerAddress(c) ?? '')
      ? { parent: traceparent }
      : { parent: null, link: traceparent };
    return tracing.span(method, { kind: 'server', ...from }, async (span) => {
      span.set({ 'http.request.method': method, 'darkroom.request_id': c.get('requestId') });
      await next();
      const route = routePath(c, -1);
      span.rename(`${method} ${route}`);
      span.set({ 'http.route': route, 'http.response.status_code': c.res.status });
      if (c.res.status >= 500) span.fail(`answered ${c.res.status}`);
    });
  };
}
