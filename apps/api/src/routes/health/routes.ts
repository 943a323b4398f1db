import { Hono } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { showLive } from './live.ts';
import { type ReadyDeps, showReady } from './ready.ts';

export function healthRoutes(deps: ReadyDeps): Hono<ApiEnv> {
  return new Hono<ApiEnv>().get('/health/live', showLive).get('/health/ready', showReady(deps));
}
