import type { Database } from '@darkroom/db/database';
import { Hono } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { listLedger } from './list-ledger.ts';

export function creditRoutes(deps: { db: Pick<Database, 'listLedger'> }): Hono<ApiEnv> {
  return new Hono<ApiEnv>().get('/v1/credits/ledger', listLedger(deps));
}
