import { Hono } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { type ShowMeDeps, showMe } from './show.ts';

export function meRoutes(deps: ShowMeDeps): Hono<ApiEnv> {
  return new Hono<ApiEnv>().get('/v1/me', showMe(deps));
}
