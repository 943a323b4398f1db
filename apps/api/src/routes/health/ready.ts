import type { Queue } from '@darkroom/core/queue/queue';
import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { respondWithProblem } from '../../problem/respond.ts';

interface Checks {
  database: 'up' | 'down';
  queue: 'up' | 'down';
}

/** How long each part has to respond, in milliseconds. */
const timeoutMs = 1_000;
/** How long a result is reused, in milliseconds. */
const freshMs = 1_000;

export interface ReadyDeps {
  db: Pick<Database, 'ping'>;
  queue: Pick<Queue, 'epoch'>;
  /** True once the process has begun to stop. */
  isStopping: () => boolean;
  /** Monotonic milliseconds. */
  now: () => number;
}

/**
 * `GET /health/ready`: whether this process should receive requests. It is ready without the queue too: jobs are accepted
 * and delivered later. Checks each part at most once a second, however often it is called.
 */
export function showReady(deps: ReadyDeps): Handler<ApiEnv> {
  const { db, queue, isStopping, now } = deps;
  let checkedAt = Number.NEGATIVE_INFINITY;
  let latest: Promise<Checks> | undefined;

  return async (c) => {
    if (latest === undefined || now() - checkedAt >= freshMs) {
      checkedAt = now();
      latest = check();
    }
    const checks = await latest;
    const stopping = isStopping();
    if (!stopping && checks.database === 'up') return c.json({ ready: true, checks });
    return respondWithProblem(c, {
      code: 'service_unavailable',
      detail: stopping ? 'This process is stopping.' : 'The database cannot be reached.',
      extras: { ready: false, checks },
      headers: { 'Retry-After': '5' },
    });
  };

  async function check(): Promise<Checks> {
    const [database, queueState] = await Promise.all([
      stateOf(db.ping({ timeoutMs })),
      stateOf(queue.epoch({ timeoutMs })),
    ]);
    return { database, queue: queueState };
  }
}

function stateOf(check: Promise<unknown>): Promise<'up' | 'down'> {
  return check.then(
    () => 'up',
    () => 'down',
  );
}
