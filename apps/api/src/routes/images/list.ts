import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { pageQuery } from '../../http/page-query.ts';
import { validate } from '../../problem/validation.ts';

/** `GET /v1/images`: the user's gallery, newest first, including images of the native app. */
export function listImages({ db }: { db: Pick<Database, 'listImages'> }): Handler<ApiEnv> {
  return async (c) => {
    const { limit, cursor } = validate(pageQuery, c.req.query());
    return c.json(await db.listImages({ userId: c.get('user').id, limit, cursor }));
  };
}
