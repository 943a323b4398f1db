import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { notFound, readPathId } from '../../http/path-id.ts';

/** `DELETE /v1/prompts/{id}`: deletes a saved prompt. Jobs made from it keep their text. */
export function deletePrompt({ db }: { db: Pick<Database, 'deletePrompt'> }): Handler<ApiEnv> {
  return async (c) => {
    const promptId = readPathId(c.req.param('id'), 'prompt');
    if (!(await db.deletePrompt({ userId: c.get('user').id, promptId }))) throw notFound('prompt');
    return c.body(null, 204);
  };
}
