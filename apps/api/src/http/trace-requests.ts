import type { TrustedProxies } from '@darkroom/core/runtime/network/client-address';
import type { Tracing } from '@darkroom/core/runtime/trace/tracing';
import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import { peerOf } from '../rate-limit/sender.ts';
import type { ApiEnv } from './env.ts';

/**
 * Every request below /v1 and /webhooks is a span. It goes on with the trace that its `traceparent` names where a proxy of
 * ours sent it. Anybody else's is only linked to: strangers do not decide what is recorded.
 */
export function traceRequests(tracing: Tracing, isTrusted: TrustedProxies): MiddlewareHandler<ApiEnv> {
  return (c, next) => {
    if (!tracing.enabled || !/^\/(v1|webhooks)\//.test(c.req.path)) return next();
    const { method } = c.req;
    const traceparent = c.req.header('traceparent') ?? null;
    const from = isTrusted(peerOf(c) ?? '') ? { parent: traceparent } : { parent: null, link: traceparent };
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
