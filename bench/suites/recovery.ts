import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { openDeployment } from '../deployment/deployment.ts';
import { openFeed } from '../work/feed.ts';
import { submitJobs } from '../work/submit.ts';
import { atMost } from './statistics.ts';
import type { Check, Suite } from './suite.ts';

const concurrency = 4;
const modelMs = 500;
/** A lease lasts 30 s, and the sweeper runs every 6 to 10 s. */
const claimedAgainWithinS = 45;
/** The next sweep finds lost deliveries. */
const fullSpeedWithinS = 20;

/** How long a deployment takes to recover after the loss of each part. */
export const recovery: Suite = async ({ servers, quick, say }) => {
  const model = { latencyMs: { min: modelMs, max: modelMs }, side: 64 };
  const deployment = await openDeployment(servers, { model });
  const { pool } = deployment;
  const workers = [
    await deployment.startWorker({ WORKER_CONCURRENCY: String(concurrency) }),
    await deployment.startWorker({ WORKER_CONCURRENCY: String(concurrency) }),
  ];
  const took: Record<string, number[]> = {};
  const checks: Check[] = [];
  const record = (what: string, seconds: number, target: number) => {
    took[what] = [seconds];
    checks.push(atMost(`${what}, s`, seconds, target));
    say(`  ${what}: ${seconds.toFixed(1)} s`);
  };

  await feed(2_000);
  const usual = await rate(4_000);

  const redis = new Redis(servers.redis.url);
  const flushed = performance.now();
  await redis.flushall();
  redis.disconnect();
  await untilRate(usual * 0.8);
  record('Redis emptied, until full speed', since(flushed), fullSpeedWithinS);

  const restarted = performance.now();
  await servers.postgres.restart({ mode: 'fast' });
  await untilRate(usual * 0.8);
  record('Postgres restarted, until full speed', since(restarted), fullSpeedWithinS);

  const killed = performance.now();
  const { rows } = await pool.query(
    `select job_id, worker_id from job_runs where active and worker_id =
       (select worker_id from job_runs where active and worker_id is not null group by 1 order by count(*) desc limit 1)`,
  );
  const orphaned: string[] = rows.map((row) => row.job_id);
  const victim = await ownerOf(rows[0].worker_id);
  victim.process.child.kill('SIGKILL');
  await untilClaimedAgain(orphaned, rows[0].worker_id);
  record('worker killed, until its jobs run again', since(killed), claimedAgainWithinS);

  if (!quick) {
    const { rows: broken } = await pool.query('select * from credit_audit');
    checks.push(atMost('rows of credit_audit', broken.length, 0));
  }
  await deployment.stop();
  return {
    name: 'recovery',
    title: 'Recovery: from the fault to normal operation',
    how:
      `Two workers with a concurrency of ${concurrency}, a model that takes ${modelMs / 1_000} s, and a queue that is never empty (${usual.toFixed(1)} jobs/s). ` +
      'Full speed is 80 % of that, over 1.5 s. The lease of a killed worker must expire first, which takes 30 s.',
    measures: [{ name: 'time to recover', unit: 's', better: 'lower', mixed: true, values: took }],
    checks,
    notes: [],
  };

  async function feed(count: number): Promise<void> {
    const queue = openFeed(deployment);
    await queue.deliver(await submitJobs(pool, count, { users: 50 }));
    await queue.close();
  }

  async function completed(): Promise<number> {
    const answer = await pool
      .query(`select count(*)::integer as count from image_generation_jobs where status = 'completed'`)
      .catch(() => null);
    return answer?.rows[0].count ?? Number.NaN;
  }

  async function rate(overMs: number): Promise<number> {
    const before = await completed();
    const begun = performance.now();
    await sleep(overMs);
    const done = (await completed()) - before;
    return done / ((performance.now() - begun) / 1_000);
  }

  async function untilRate(wanted: number): Promise<void> {
    const until = performance.now() + 60_000;
    while (!((await rate(1_500)) >= wanted)) {
      if (performance.now() > until)
        throw new Error(`The throughput did not return to ${wanted.toFixed(1)} jobs/s.`);
    }
  }

  async function ownerOf(workerId: string) {
    for (const worker of workers) {
      const health = (await (await fetch(new URL('/health/ready', worker.url))).json()) as Record<
        string,
        unknown
      >;
      if (JSON.stringify(health).includes(workerId)) return worker;
    }
    throw new Error(`No worker has the id ${workerId}.`);
  }

  async function untilClaimedAgain(jobIds: string[], workerId: string): Promise<void> {
    const until = performance.now() + 90_000;
    for (;;) {
      const { rows } = await pool.query(
        `select count(*)::integer as left from job_runs
         where job_id = any ($1::uuid[]) and active and (worker_id = $2 or worker_id is null)`,
        [jobIds, workerId],
      );
      if (rows[0].left === 0) return;
      if (performance.now() > until)
        throw new Error(`${rows[0].left} jobs of the killed worker are still waiting.`);
      await sleep(200);
    }
  }
};

function since(begun: number): number {
  return (performance.now() - begun) / 1_000;
}
