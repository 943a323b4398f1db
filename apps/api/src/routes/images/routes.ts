import type { Database } from '@darkroom/db/database';
import { Hono } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { type DeleteImageDeps, deleteImage } from './delete.ts';
import { listImages } from './list.ts';

export interface ImageDeps extends DeleteImageDeps {
  db: DeleteImageDeps['db'] & Pick<Database, 'listImages'>;
}

export function imageRoutes(deps: ImageDeps): Hono<ApiEnv> {
  return new Hono<ApiEnv>().get('/v1/images', listImages(deps)).delete('/v1/images/:id', deleteImage(deps));
}
