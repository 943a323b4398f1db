import { findRedis } from '@darkroom/local/redis/find';
import { describe, expect, it } from 'vitest';
import { describeTick } from './report/live.ts';
import { runChaos, type Tick } from './run.ts';

/** The seed decides what goes wrong, and when. CHAOS_SEED tries others. */
const seeds = { redis: 17, postgres: 10 };

describe.concurrent('under load, while workers, APIs, Postgres, the queue, the models and the network fail', () => {
  it.for(['redis', 'postgres'] as const)(
    'every accepted job ends once, paid or refunded, with its image or none: on %s',
    { timeout: 600_000, tags: ['slow'] },
    async (queue, { skip }) => {
      if (queue === 'redis' && !(await findRedis()).server) return skip();
      const seed = Number(process.env.CHAOS_SEED ?? seeds[queue]);
      let last: Tick | undefined;
      const result = await runChaos({
        queue,
        seed,
        severity: 'short',
        forMs: 30_000,
        atLeast: 255,
        atMost: 275,
        users: 30,
        deployment: { apis: 2, workers: 3, latencyMs: { min: 100, max: 300 } },
        onTick: (tick) => {
          last = tick;
        },
      });
      expect(result.broken, `seed ${seed}; logs: ${result.logs}; ${last && describeTick(last)}`).toEqual([]);
      expect(result.rows.length).toBeGreaterThanOrEqual(250);
    },
  );
});
