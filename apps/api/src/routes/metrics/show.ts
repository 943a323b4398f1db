import type { Metrics } from '@darkroom/core/runtime/metrics/metrics';
import { maySeeMetrics } from '@darkroom/core/runtime/metrics/token';
import type { Context, Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { ProblemError } from '../../problem/problem.ts';
import { isInternal, peerOf } from '../../rate-limit/sender.ts';

/** What `/metrics` shows, and to whom: whoever holds the token, or who is near where there is none. */
export interface ShownMetrics extends Pick<Metrics, 'scrape'> {
  token?: string;
}

/** `GET /metrics`: for Prometheus. */
export function showMetrics({ token, scrape }: ShownMetrics): Handler<ApiEnv> {
  return async (c) => {
    if (!maySeeMetrics(c.req.header('Authorization'), token)) {
      throw new ProblemError({
        code: 'unauthenticated',
        detail: 'Send METRICS_TOKEN as a bearer token.',
        headers: { 'WWW-Authenticate': 'Bearer' },
      });
    }
    if (token === undefined && !isNear(c)) {
      throw new ProblemError({
        code: 'forbidden',
        detail: 'Without METRICS_TOKEN metrics are shown to private networks alone, and not through a proxy.',
      });
    }
    const { contentType, text } = await scrape();
    return c.body(text, 200, { 'Content-Type': contentType, 'Cache-Control': 'no-store' });
  };
}

/** It came from a private network, and not on behalf of somebody else. */
function isNear(c: Context): boolean {
  const forwarded = ['X-Forwarded-For', 'Forwarded', 'Via'].some((name) => c.req.header(name) !== undefined);
  return !forwarded && isInternal(peerOf(c) ?? '');
}
