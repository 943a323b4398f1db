/**
 * npm run measure:fairness [-- --jobs 1000 --seconds 130]: measures on the local stack how long the first job of one user
 * waits behind a thousand jobs of another user, the effect of a plan, and the calls per minute under a quota.
 */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ISSUER } from '@darkroom/local/clerk/instance';
import { loadKeys } from '@darkroom/local/clerk/keys';
import { mintToken } from '@darkroom/local/clerk/mint';
import { type Stack, startStack } from '@darkroom/local/stack/start';
import pg from 'pg';

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '130' },
    rpm: { type: 'string', default: '60' },
    only: { type: 'string' },
  },
});
const jobs = Number(values.jobs);
const jobMs = 1_000;
const model = 'gemini-nano-banana-2.1';
const root = path.resolve(import.meta.dirname, '..');

if (values.only !== 'quota') await fairness();
if (values.only !== 'fairness') await quota();

async function fairness(): Promise<void> {
  const stack = await start(2, { WORKER_CONCURRENCY: '4' });
  try {
    await withDatabase(stack, async (query) => {
      const crowd = await submitter(stack, query);
      const before = performance.now();
      await inParallel(jobs, 20, () => crowd.submit());
      const submitMs = performance.now() - before;
      const [waiting] = await query(
        `select count(*)::int as n from image_generation_jobs where status = 'pending'`,
      );
      const waits: Record<string, number[]> = { free: [], plan: [] };
      for (let n = 0; n < 5; n += 1) {
        const newcomer = await submitter(stack, query);
        const { wait } = await started(query, await newcomer.submit());
        waits.free!.push(wait);
      }
      // Both users have ten jobs; four jobs of the user with a plan count as one.
      const [plain, paying] = [await submitter(stack, query), await submitter(stack, query, { plan: true })];
      const ids: [string, string][] = [];
      for (let n = 0; n < 10; n += 1) ids.push([await plain.submit(), await paying.submit()]);
      const order = await Promise.all(
        ids.map(([a, b]) => Promise.all([started(query, a), started(query, b)])),
      );
      print('fairness', {
        jobs_of_the_crowd: jobs,
        submitted_in_s: round(submitMs / 1_000),
        waiting_when_the_newcomer_came: waiting!.n,
        places: 8,
        job_ms: jobMs,
        newcomers_first_job_waited_ms: waits.free!.map(Math.round),
        in_job_lengths: waits.free!.map((ms) => round(ms / jobMs)),
        ten_jobs_done_after_ms: {
          free: Math.round(Math.max(...order.map(([a]) => a.wait))),
          plan: Math.round(Math.max(...order.map(([, b]) => b.wait))),
        },
      });
    });
  } finally {
    await stack.stop();
  }
}

async function quota(): Promise<void> {
  const rpm = Number(values.rpm);
  const stack = await start(3, {
    GEMINI_RPM: `${model}=${rpm}`,
    GEMINI_MODELS: model,
    WORKER_CONCURRENCY: '8',
  });
  try {
    await withDatabase(stack, async (query) => {
      const crowd = await submitter(stack, query);
      await inParallel(Math.ceil((rpm * Number(values.seconds)) / 60) + 2 * rpm, 20, () => crowd.submit());
      await sleep(Number(values.seconds) * 1_000);
      const calls = stack.parts
        .gemini!.calls()
        .map(({ at }) => at)
        .toSorted((a, b) => a - b);
      const first = calls[0]!;
      const minutes = Math.floor((calls.at(-1)! - first) / 60_000) + 1;
      const [attempts] = await query('select max(counted_retries)::int as n from job_runs');
      print('quota', {
        rpm,
        workers: 3,
        calls_by_minute: Array.from(
          { length: minutes },
          (_, n) => calls.filter((at) => Math.floor((at - first) / 60_000) === n).length,
        ),
        most_in_any_60_s: Math.max(
          ...calls.map((at) => calls.filter((t) => t >= at && t < at + 60_000).length),
        ),
        attempts_counted: attempts!.n,
      });
    });
  } finally {
    await stack.stop();
  }
}

function start(workers: number, overrides: Record<string, string>): Promise<Stack> {
  return startStack({
    environment: { GEMINI_MODELS: model },
    workers,
    ownQueue: true,
    quickImages: true,
    geminiLatencyMs: { min: jobMs - 100, max: jobMs - 100 },
    overrides: {
      LOG_LEVEL: 'warn',
      DEFAULT_CREDITS: '100000',
      MAX_ACTIVE_JOBS: '100000',
      RATE_LIMIT_PER_MINUTE: '1000000',
      JOB_DEADLINE: '1h',
      SHUTDOWN_GRACE: '2s',
      ...overrides,
    },
  });
}

type Query = (sql: string, values?: unknown[]) => Promise<Record<string, any>[]>;

async function withDatabase(stack: Stack, work: (query: Query) => Promise<void>): Promise<void> {
  const pool = new pg.Pool({ connectionString: stack.variables.DATABASE_URL, max: 2 });
  pool.on('error', () => {});
  try {
    await work(async (sql, given) => (await pool.query(sql, given)).rows);
  } finally {
    await pool.end();
  }
}

/** A new user that submits jobs over HTTP. */
async function submitter(stack: Stack, query: Query, { plan = false } = {}) {
  const userId = `user_${randomUUID().slice(0, 8)}`;
  const keys = await loadKeys(path.join(root, '.local', 'clerk'));
  const token = async () => mintToken(keys, { userId, issuer: ISSUER });
  let bearer = await token();
  const call = async (method: string, url: string, body?: object) => {
    const send = () =>
      fetch(`${stack.api.url}${url}`, {
        method,
        headers: { Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/json' },
        body: body && JSON.stringify(body),
      });
    let response = await send();
    if (response.status === 401) {
      bearer = await token();
      response = await send();
    }
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
    return (await response.json()) as any;
  };
  await call('GET', '/v1/me');
  if (plan) {
    await query(`insert into subscriptions (user_id, status) values ($1, 'active')`, [userId]);
  }
  return {
    submit: async (): Promise<string> => (await call('POST', '/v1/jobs', { prompt: 'a fox' })).job.id,
  };
}

/** How long a job waited for a worker, by the clock of the database. */
async function started(query: Query, jobId: string): Promise<{ wait: number }> {
  for (;;) {
    const [row] = await query(
      `select extract(epoch from started_at - created_at) * 1000 as wait from image_generation_jobs
       where id = $1 and started_at is not null`,
      [jobId],
    );
    if (row) return { wait: Number(row.wait) };
    await sleep(50);
  }
}

async function inParallel(count: number, lanes: number, work: () => Promise<unknown>): Promise<void> {
  let left = count;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function print(measured: string, figures: object): void {
  process.stdout.write(`${JSON.stringify({ measured, ...figures }, null, 2)}\n`);
}

function round(number: number): number {
  return Math.round(number * 100) / 100;
}
