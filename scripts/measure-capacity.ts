/**
 * npm run measure:capacity: measures the cost of one job in Redis, Postgres and the bucket, and simulates how long jobs wait
 * at a given load. Starts the local stack and prints one JSON object, whose figures are used in docs/capacity.md.
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ISSUER } from '@darkroom/local/clerk/instance';
import { loadKeys } from '@darkroom/local/clerk/keys';
import { mintToken } from '@darkroom/local/clerk/mint';
import { startStack } from '@darkroom/local/stack/start';
import pg from 'pg';
import { openCountingProxy } from './capacity/counting-proxy.ts';
import { costPer, type DatabaseCost, readDatabaseCost } from './capacity/database-cost.ts';
import { measureDeliveries } from './capacity/redis-memory.ts';
import { simulateWaits, workersFor } from './capacity/simulate.ts';

const jobs = 200;
const modelSeconds = 0.3;
const concurrency = 8;
const users = 10;
const idleSeconds = 20;
const deliveries = 20_000;
const root = path.resolve(import.meta.dirname, '..');

const stack = await startStack({
  environment: {},
  workers: 0,
  quickImages: true,
  requireRedis: true,
  geminiLatencyMs: { min: modelSeconds * 1_000, max: modelSeconds * 1_000 },
  overrides: {
    LOG_LEVEL: 'warn',
    DEFAULT_CREDITS: '1000',
    RATE_LIMIT_PER_MINUTE: '100000',
    MAX_ACTIVE_JOBS: '1000',
  },
  say: (line) => process.stderr.write(`${line}\n`),
});
const db = new pg.Pool({ connectionString: stack.variables.DATABASE_URL, max: 2 });
db.on('error', () => {});
const proxy = await openCountingProxy(stack.variables.R2_ENDPOINT!);
try {
  const tokens = await signIn();
  await stack.addWorker({ R2_ENDPOINT: proxy.url, WORKER_CONCURRENCY: String(concurrency) });
  await runJobs(tokens, 20);
  const idle = await measureIdle();
  const stored = proxy.counts();
  const before = await readDatabaseCost(db);
  const began = performance.now();
  await runJobs(tokens, jobs);
  const seconds = (performance.now() - began) / 1_000;
  const after = await readDatabaseCost(db);
  const perJob = costPer(jobs, before, after, scaled(idle, seconds + 1.5));
  const report = {
    jobs,
    modelSeconds,
    seconds: Math.round(seconds),
    postgres: { perJob, idleWorkerPerSecond: scaled(idle, 1) },
    bucketRequestsPerJob: Object.fromEntries(
      Object.entries(proxy.counts()).map(([method, count]) => [
        method,
        (count - (stored[method] ?? 0)) / jobs,
      ]),
    ),
    redisDeliveries: await measureDeliveries(stack.variables.QUEUE_URL!, deliveries),
    waits: simulate(),
  };
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
} finally {
  await db.end();
  await stack.stop();
  await proxy.close();
}
process.exit();

async function signIn(): Promise<string[]> {
  const keys = await loadKeys(path.join(root, '.local/clerk'));
  const run = Date.now();
  return Promise.all(
    Array.from({ length: users }, (_, at) =>
      mintToken(keys, { userId: `user_capacity_${run}_${at}`, issuer: ISSUER }),
    ),
  );
}

async function runJobs(tokens: string[], count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    const response = await fetch(`${stack.api.url}/v1/jobs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens[at % users]}`, 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: `a lighthouse in a storm, number ${at}` }),
    });
    if (response.status !== 202)
      throw new Error(`a job was not accepted: ${response.status} ${await response.text()}`);
    await response.body?.cancel();
  }
  for (;;) {
    const { rows } = await db.query(
      'select count(*)::int as left from public.image_generation_jobs where managed and completed_at is null',
    );
    if (rows[0].left === 0) return;
    await sleep(250);
  }
}

async function measureIdle(): Promise<DatabaseCost> {
  const before = await readDatabaseCost(db);
  await sleep((idleSeconds - 1.5) * 1_000);
  return scaled(costPer(1, before, await readDatabaseCost(db), scaled(before, 0)), 1 / idleSeconds);
}

function scaled(cost: DatabaseCost, by: number): DatabaseCost {
  const entries = Object.entries(cost).map(([name, value]) => [name, Math.round(value * by * 10) / 10]);
  return Object.fromEntries(entries);
}

function simulate() {
  const jobSeconds = 20;
  const each = 8;
  return [60, 600, 6_000].flatMap((jobsPerMinute) =>
    [0.75, 0.9].map((busy) => {
      const workers = workersFor({ jobsPerMinute, jobSeconds, concurrency: each, busy });
      const queue = {
        slots: workers * each,
        jobsPerMinute,
        jobSeconds,
        jobs: 40_000,
        random: seeded(7),
      };
      const { median, p95, worst } = simulateWaits(queue);
      const round = (value: number) => Math.round(value * 10) / 10;
      return {
        jobsPerMinute,
        busy,
        workers,
        medianWait: round(median),
        p95Wait: round(p95),
        worstWait: round(worst),
      };
    }),
  );
}

/** Reproducible random numbers (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
