import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';

/** `GET /health/live`: the process responds. Checks nothing else. */
export const showLive: Handler<ApiEnv> = (c) => c.json({ live: true });
