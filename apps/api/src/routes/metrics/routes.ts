import { Hono } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { type MetricsEndpoint, showMetrics } from './show.ts';

export interface MetricsDeps {
  /** Without it there is no /metrics. */
  metrics?: MetricsEndpoint;
}

export function metricsRoutes({ metrics }: MetricsDeps): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  return metrics ? routes.get('/metrics', showMetrics(metrics)) : routes;
}
