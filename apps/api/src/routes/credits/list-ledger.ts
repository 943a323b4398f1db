import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { pageQuery } from '../../http/page-query.ts';
import { validate } from '../../problem/validation.ts';

/** `GET /v1/credits/ledger`: every movement of the user's credits, newest first. */
export function listLedger({ db }: { db: Pick<Database, 'listLedger'> }): Handler<ApiEnv> {
  return async (c) => {
    const { limit, cursor } = validate(pageQuery, c.req.query());
    return c.json(await db.listLedger({ userId: c.get('user').id, limit, cursor }));
  };
}
