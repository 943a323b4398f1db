import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { readJson } from '../../http/json-body.ts';
import { notFound, readPathId } from '../../http/path-id.ts';
import { validate } from '../../problem/validation.ts';
import { promptChanges } from './fields.ts';
import type { ResolvePrompt } from './resolve.ts';

/** `PATCH /v1/prompts/{id}`: changes the fields that are sent; null clears a field. Returns the whole prompt. */
export function updatePrompt(deps: {
  db: Pick<Database, 'updatePrompt'>;
  resolve: ResolvePrompt;
}): Handler<ApiEnv> {
  const { db, resolve } = deps;
  return async (c) => {
    const userId = c.get('user').id;
    const promptId = readPathId(c.req.param('id'), 'prompt');
    const changes = validate(promptChanges, await readJson(c));
    const prompt = await db.updatePrompt({ userId, promptId, fields: await resolve(userId, changes) });
    if (prompt === null) throw notFound('prompt');
    return c.json(prompt);
  };
}
