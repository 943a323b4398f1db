import type { Storage } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';
import { Hono } from 'hono';
import { limitSmallBody } from '../../http/body-limit.ts';
import type { ApiEnv } from '../../http/env.ts';
import { createPrompt } from './create.ts';
import { deletePrompt } from './delete.ts';
import { listPrompts } from './list.ts';
import { createResolvePrompt } from './resolve.ts';
import { showPrompt } from './show.ts';
import { updatePrompt } from './update.ts';

export interface PromptDeps {
  db: Pick<
    Database,
    'createPrompt' | 'deletePrompt' | 'getImage' | 'getPrompt' | 'hasPrompts' | 'listPrompts' | 'updatePrompt'
  >;
  storage: Pick<Storage, 'head' | 'publicUrl'>;
  /** Returns a new UUID. */
  randomId: () => string;
}

export function promptRoutes(deps: PromptDeps): Hono<ApiEnv> {
  const resolve = createResolvePrompt(deps);
  return new Hono<ApiEnv>()
    .get('/v1/prompts', listPrompts(deps))
    .post('/v1/prompts', limitSmallBody, createPrompt({ ...deps, resolve }))
    .get('/v1/prompts/:id', showPrompt(deps))
    .patch('/v1/prompts/:id', limitSmallBody, updatePrompt({ ...deps, resolve }))
    .delete('/v1/prompts/:id', deletePrompt(deps));
}
