import { Hono } from 'hono';
import { etag } from 'hono/etag';
import type { ApiEnv } from '../../http/env.ts';
import { showDocument } from './show-document.ts';
import { showPage } from './show-page.ts';

export function docsRoutes(): Hono<ApiEnv> {
  return new Hono<ApiEnv>().get('/openapi.json', etag(), showDocument()).get('/docs', etag(), showPage());
}
