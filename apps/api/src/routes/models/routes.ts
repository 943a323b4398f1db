import { Hono } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { type ListModelsDeps, listModels } from './list.ts';

export function modelRoutes(deps: ListModelsDeps): Hono<ApiEnv> {
  return new Hono<ApiEnv>().get('/v1/models', listModels(deps));
}
