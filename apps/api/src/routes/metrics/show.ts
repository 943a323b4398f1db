import type { Metrics } from '@darkroom/core/runtime/metrics/metrics';
import { maySeeMetrics } from '@darkroom/core/runtime/metrics/token';
import type { Context, Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { ProblemError } from '../../problem/problem.ts';
import { isPrivateAddress, peerAddress } from '../../rate-limit/client-address.ts';

/** With a token, `/metrics` requires it. Without one, it only serves private networks. */
export interface MetricsEndpoint extends Pick<Metrics, 'scrape'> {
  token?: string;
}

/** `GET /metrics`: for Prometheus. */
export function showMetrics({ token, scrape }: MetricsEndpoint): Handler<ApiEnv> {
  return async (c) => {
    if (!maySeeMetrics(c.req.header('Authorization'), token)) {
      throw new ProblemError({
        code: 'unauthenticated',
        detail: 'Send METRICS_TOKEN as a bearer token: Authorization: Bearer <token>.',
        headers: { 'WWW-Authenticate': 'Bearer' },
      });
    }
    if (token === undefined && !isFromPrivateNetwork(c)) {
      throw new ProblemError({
        code: 'forbidden',
        detail:
          'Without METRICS_TOKEN, metrics are only available from a private network and not through a proxy.',
      });
    }
    const { contentType, text } = await scrape();
    return c.body(text, 200, { 'Content-Type': contentType, 'Cache-Control': 'no-store' });
  };
}

/** Directly from a private network, not through a proxy. */
function isFromPrivateNetwork(c: Context): boolean {
  const forwarded = ['X-Forwarded-For', 'Forwarded', 'Via'].some((name) => c.req.header(name) !== undefined);
  return !forwarded && isPrivateAddress(peerAddress(c) ?? '');
}
