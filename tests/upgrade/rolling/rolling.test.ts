import { stopProcess } from '@darkroom/local/processes/stop';
import type { Api, Worker } from '@darkroom/local/stack/apps';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Deployment, openDeployment } from '../../support/deployment.ts';
import { type Balancer, openBalancer } from './balancer.ts';
import { startLoad } from './load.ts';

/** npm run measure:rolling sets it to a minute. */
const seconds = Number(process.env.ROLLING_SECONDS ?? 6);
/** Longer than the jobs in hand take on a machine that is busy with other things: none may be handed back. */
const grace = { seconds: 90, ms: 100_000 };

let system: Deployment;
let balancer: Balancer;
beforeAll(async () => {
  system = await openDeployment({
    workers: 2,
    latencyMs: 800,
    overrides: {
      DEFAULT_CREDITS: '100000',
      MAX_ACTIVE_JOBS: '1000',
      RATE_LIMIT_PER_MINUTE: '100000',
      DRAIN_DELAY: '1s',
      SHUTDOWN_GRACE: `${grace.seconds}s`,
      WORKER_CONCURRENCY: '8',
    },
  });
  balancer = await openBalancer({ probeEveryMs: 100 });
});
afterAll(async () => {
  await balancer?.close();
  await system?.close();
});

test('processes are replaced one by one under load, and no request fails, no job is lost and none runs twice', {
  timeout: seconds * 1_000 + 300_000,
  tags: ['slow'],
}, async () => {
  const apis = [system.stack.api, await system.addApi()];
  const workers = [...system.stack.workers];
  for (const { url } of apis) {
    balancer.add(url);
    await balancer.whenReady(url);
  }
  const users = await Promise.all(Array.from({ length: 4 }, () => system.user()));
  const load = startLoad({ url: balancer.url, tokens: users.map(({ token }) => token), everyMs: 500 });

  const until = performance.now() + seconds * 1_000;
  const replacedApis: Replaced[] = [];
  const replacedWorkers: Replaced[] = [];
  do {
    replacedApis.push(await replaceApi(apis));
    replacedWorkers.push(await replaceWorker(workers));
  } while (performance.now() < until);
  await load.stop();

  await expect.poll(() => unfinished(load.jobs), { timeout: 120_000 }).toBe(0);
  const jobs = await system.query(
    `select j.status, j.attempt, r.model_calls as calls, r.attempts_log
       from public.image_generation_jobs j join public.job_runs r on r.job_id = j.id where j.id = any($1)`,
    [load.jobs],
  );
  const report = {
    seconds,
    apis: inSeconds(replacedApis),
    workers: inSeconds(replacedWorkers),
    requests: load.requests,
    failedRequests: load.failures.length,
    slowestRequestMs: Math.round(load.slowestMs),
    jobs: load.jobs.length,
    lostJobs: load.jobs.length - jobs.filter(({ status }) => status === 'completed').length,
    attemptsBurnt: jobs.reduce((sum, { attempt }) => sum + attempt - 1, 0),
    modelCalls: jobs.reduce((sum, { calls }) => sum + calls, 0),
    ranAgain: jobs.filter(({ attempt }) => attempt > 1).map(({ attempts_log }) => attempts_log),
    auditRows: (await system.audit()).length,
  };
  if (process.env.ROLLING_SECONDS) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  expect(load.failures).toEqual([]);
  expect(report).toMatchObject({
    lostJobs: 0,
    attemptsBurnt: 0,
    auditRows: 0,
    modelCalls: report.jobs,
    ranAgain: [],
  });
  expect(report.jobs).toBeGreaterThan(seconds);
  expect([report.apis.replaced, report.workers.replaced].every((count) => count > 0)).toBe(true);
});

interface Replaced {
  startMs: number;
  stopMs: number;
}

/** What an orchestrator does: the new one first, the old one once the new one is ready. */
async function replaceApi(apis: Api[]): Promise<Replaced> {
  const began = performance.now();
  const next = await system.addApi();
  balancer.add(next.url);
  await balancer.whenReady(next.url);
  apis.push(next);
  const ready = performance.now();
  const old = apis.shift()!;
  expect(await stopProcess(old, { graceMs: grace.ms })).toMatchObject({ code: 0 });
  balancer.remove(old.url);
  return { startMs: ready - began, stopMs: performance.now() - ready };
}

async function replaceWorker(workers: Worker[]): Promise<Replaced> {
  const began = performance.now();
  workers.push(await system.stack.addWorker());
  const ready = performance.now();
  expect(await stopProcess(workers.shift()!, { graceMs: grace.ms })).toMatchObject({ code: 0 });
  return { startMs: ready - began, stopMs: performance.now() - ready };
}

function inSeconds(replaced: Replaced[]) {
  const longest = (name: keyof Replaced) =>
    Math.round(Math.max(...replaced.map((one) => one[name])) / 100) / 10;
  return { replaced: replaced.length, longestStart: longest('startMs'), longestStop: longest('stopMs') };
}

async function unfinished(ids: string[]): Promise<number> {
  const [row] = await system.query<{ count: number }>(
    'select count(*)::int as count from public.image_generation_jobs where id = any($1) and completed_at is null',
    [ids],
  );
  return row!.count;
}
