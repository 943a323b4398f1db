import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { noSuch, readRowId } from '../../http/row-id.ts';

/** `GET /v1/prompts/{id}`: one saved prompt. */
export function showPrompt({ db }: { db: Pick<Database, 'getPrompt'> }): Handler<ApiEnv> {
  return async (c) => {
    const promptId = readRowId(c.req.param('id'), 'prompt');
    const prompt = await db.getPrompt({ userId: c.get('user').id, promptId });
    if (prompt === null) throw noSuch('prompt');
    return c.json(prompt);
  };
}
