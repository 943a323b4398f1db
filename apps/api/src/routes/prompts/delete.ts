import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { noSuch, readRowId } from '../../http/row-id.ts';

/** `DELETE /v1/prompts/{id}`: the prompt is gone; jobs that were made of it keep its words. */
export function deletePrompt({ db }: { db: Pick<Database, 'deletePrompt'> }): Handler<ApiEnv> {
  return async (c) => {
    const promptId = readRowId(c.req.param('id'), 'prompt');
    if (!(await db.deletePrompt({ userId: c.get('user').id, promptId }))) throw noSuch('prompt');
    return c.body(null, 204);
  };
}
