import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { pageQuery } from '../../http/page-query.ts';
import { validate } from '../../problem/validation.ts';

/** `GET /v1/prompts`: the user's saved prompts, newest first. */
export function listPrompts({ db }: { db: Pick<Database, 'listPrompts'> }): Handler<ApiEnv> {
  return async (c) => {
    const { limit, cursor } = validate(pageQuery, c.req.query());
    return c.json(await db.listPrompts({ userId: c.get('user').id, limit, cursor }));
  };
}
