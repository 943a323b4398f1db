import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { notFound, readPathId } from '../../http/path-id.ts';

/** `GET /v1/prompts/{id}`: one saved prompt. */
export function showPrompt({ db }: { db: Pick<Database, 'getPrompt'> }): Handler<ApiEnv> {
  return async (c) => {
    const promptId = readPathId(c.req.param('id'), 'prompt');
    const prompt = await db.getPrompt({ userId: c.get('user').id, promptId });
    if (prompt === null) throw notFound('prompt');
    return c.json(prompt);
  };
}
