import type { Queue } from '@darkroom/core/queue/queue';
import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { respondWithProblem } from '../../problem/respond.ts';

interface Checks {
  database: 'up' | 'down';
  queue: 'up' | 'down';
}

/** How long each part has to answer, and how long an answer is good for, in milliseconds. */
const timeoutMs = 1_000;
const freshMs = 1_000;

/**
 * `GET /health/ready`: whether requests should be sent here. Without the queue they still are: jobs are accepted and
 * delivered later. The parts are asked once a second at most, however often this is called.
 */
export function showReady(deps: {
  db: Pick<Database, 'ping'>;
  queue: Pick<Queue, 'epoch'>;
  isStopping: () => boolean;
  now: () => number;
}): Handler<ApiEnv> {
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
      state(db.ping({ timeoutMs })),
      state(queue.epoch({ timeoutMs })),
    ]);
    return { database, queue: queueState };
  }
}

function state(answer: Promise<unknown>): Promise<'up' | 'down'> {
  return answer.then(
    () => 'up',
    () => 'down',
  );
}
