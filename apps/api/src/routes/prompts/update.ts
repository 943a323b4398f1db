import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { readJson } from '../../http/json-body.ts';
import { noSuch, readRowId } from '../../http/row-id.ts';
import { parseOrRefuse } from '../../problem/invalid.ts';
import { promptChanges } from './fields.ts';
import type { ResolvePrompt } from './resolve.ts';

/** `PATCH /v1/prompts/{id}`: changes the fields that are sent; null clears one. Answers with the whole prompt. */
export function updatePrompt(deps: {
  db: Pick<Database, 'updatePrompt'>;
  resolve: ResolvePrompt;
}): Handler<ApiEnv> {
  const { db, resolve } = deps;
  return async (c) => {
    const userId = c.get('user').id;
    const promptId = readRowId(c.req.param('id'), 'prompt');
    const changes = parseOrRefuse(promptChanges, await readJson(c));
    const prompt = await db.updatePrompt({ userId, promptId, fields: await resolve(userId, changes) });
    if (prompt === null) throw noSuch('prompt');
    return c.json(prompt);
  };
}
