import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { pageQuery } from '../../http/page-query.ts';
import { parseOrRefuse } from '../../problem/invalid.ts';

/** `GET /v1/images`: the user's gallery, newest first, with what the native app has put there. */
export function listImages({ db }: { db: Pick<Database, 'listImages'> }): Handler<ApiEnv> {
  return async (c) => {
    const { limit, cursor } = parseOrRefuse(pageQuery, c.req.query());
    return c.json(await db.listImages({ userId: c.get('user').id, limit, cursor }));
  };
}
