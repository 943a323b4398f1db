import type { Metrics } from '@darkroom/core/metrics/metrics';
import { maySeeMetrics } from '@darkroom/core/metrics/token';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { ProblemError } from '../../problem/problem.ts';

/** What `/metrics` shows, and to whom: whoever holds the token, or everyone where there is none. */
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
    const { contentType, text } = await scrape();
    return c.body(text, 200, { 'Content-Type': contentType, 'Cache-Control': 'no-store' });
  };
}
