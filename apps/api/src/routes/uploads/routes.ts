import { Hono } from 'hono';
import { limitSmallBody } from '../../http/body-limit.ts';
import type { ApiEnv } from '../../http/env.ts';
import { type CreateUploadDeps, createUpload } from './create.ts';

export function uploadRoutes(deps: CreateUploadDeps): Hono<ApiEnv> {
  return new Hono<ApiEnv>().post('/v1/uploads', limitSmallBody, createUpload(deps));
}
