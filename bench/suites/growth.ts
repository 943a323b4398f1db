import type pg from 'pg';
import { openDeployment } from '../deployment/deployment.ts';
import { openFeed } from '../work/feed.ts';
import { submitJobs, waitUntilDone } from '../work/submit.ts';
import { atLeast, atMost, emptyMeasure, median, ratio, takeTurns } from './statistics.ts';
import type { Context, Suite, SuiteResult } from './suite.ts';

const pendingRows = 100_000;
/** The concurrency of one worker. */
const concurrency = 4;

/** How costs grow with more rows, more pending jobs and more workers. */
export const growth: Suite = async (context) => {
  const rows = await byRows(context);
  const workers = await byWorkers(context);
  return {
    name: 'growth',
    title: 'Growth: more rows, more pending jobs, more workers',
    how:
      'create_job, claim_job and one pass of sweep, called in SQL, in turns in databases with 1,000 to 1,000,000 ended ' +
      `jobs; then passes of sweep with ${pendingRows.toLocaleString('en')} pending jobs. Workers: a concurrency of ${concurrency} each, a model ` +
      'that takes 1.5 to 2.5 s, and small images, so that all processes on this machine wait for the model and not for a ' +
      'CPU. Eight jobs per slot, without the first and the last one.',
    measures: [...rows.measures, ...workers.measures],
    checks: [...rows.checks, ...workers.checks],
    notes: [],
  };
};

type Part = Pick<SuiteResult, 'measures' | 'checks'>;

async function byRows({ servers, quick, say }: Context): Promise<Part> {
  const sizes = quick ? [1_000, 20_000] : [1_000, 100_000, 1_000_000];
  const calls = quick ? 50 : 200;
  const name = (size: number) => `${size.toLocaleString('en')} rows`;
  const names = sizes.map(name);
  const pools: Record<string, pg.Pool> = {};
  for (const size of sizes) {
    const begun = performance.now();
    const pool = servers.openPool(await servers.makeDatabase(`rows_${size}`));
    await fill(pool, size, 'completed');
    pools[name(size)] = pool;
    say(`  ${name(size)} created in ${((performance.now() - begun) / 1_000).toFixed(0)} s`);
  }
  const create = emptyMeasure('create_job', 'ms', 'lower', names);
  const claim = emptyMeasure('claim_job', 'ms', 'lower', names);
  const sweep = emptyMeasure('sweep, nothing to do', 'ms', 'lower', names);
  const workerId = '00000000-0000-4000-8000-000000000001';
  for (const at of names) {
    await pools[at]!.query('select heartbeat($1)', [workerId]);
    await oneRound(pools[at]!, workerId, 20);
  }
  await takeTurns(quick ? 3 : 5, names, async (at) => {
    const took = await oneRound(pools[at]!, workerId, calls);
    create.values[at]!.push(median(took.create));
    claim.values[at]!.push(median(took.claim));
    sweep.values[at]!.push(median(took.sweep));
  });

  const waiting = emptyMeasure(`sweep, ${pendingRows.toLocaleString('en')} pending`, 'ms', 'lower', [
    'not delivered',
    'delivered',
  ]);
  const crowded = servers.openPool(await servers.makeDatabase('crowded'));
  await fill(crowded, quick ? pendingRows / 10 : pendingRows, 'pending');
  for (let pass = 0; pass < 10; pass += 1) {
    waiting.values['not delivered']!.push(await timed(() => crowded.query('select sweep(500)')));
  }
  await crowded.query('update job_runs set delivered_at = now()');
  await crowded.query('vacuum analyze job_runs');
  for (let pass = 0; pass < 10; pass += 1) {
    waiting.values.delivered!.push(
      (await timed(() => crowded.query('select sweep(500)'))) +
        (await timed(() => crowded.query('select list_delivered(500)'))),
    );
  }
  const [smallest, largest] = [names[0]!, names.at(-1)!];
  return {
    measures: [create, claim, sweep, waiting],
    checks: [
      atMost(`create_job, ${largest}, ratio to ${smallest}`, ratio(create, largest, smallest), 1.2),
      atMost(`claim_job, ${largest}, ratio to ${smallest}`, ratio(claim, largest, smallest), 1.2),
      ...Object.entries(waiting.values).map(([how, values]) =>
        atMost(`sweep, ${how}, ms`, median(values), 200),
      ),
    ],
  };
}

async function oneRound(pool: pg.Pool, workerId: string, calls: number) {
  const took = { create: [] as number[], claim: [] as number[], sweep: [] as number[] };
  const client = await pool.connect();
  try {
    await client.query('select heartbeat($1)', [workerId]);
    const jobIds: string[] = [];
    for (let call = 0; call < calls; call += 1) {
      took.create.push(await timed(async () => jobIds.push(...(await submitJobs(client, 1, { users: 1 })))));
    }
    for (const jobId of jobIds) {
      took.claim.push(await timed(() => client.query('select claim_job($1, $2)', [jobId, workerId])));
    }
    for (let pass = 0; pass < 5; pass += 1) {
      took.sweep.push(await timed(() => client.query('select sweep(500)')));
    }
    // Keeps the next round and the limit of active jobs unaffected.
    for (const jobId of jobIds) await client.query('select cancel_job($1)', [jobId]);
  } finally {
    client.release();
  }
  return took;
}

/** Inserts rows as that many jobs would have left them. */
async function fill(pool: pg.Pool, count: number, status: 'completed' | 'pending'): Promise<void> {
  const client = await pool.connect();
  const ended = status === 'completed';
  try {
    await client.query('begin');
    await client.query(`set local session_replication_role = 'replica'`);
    await client.query('set local synchronous_commit = off');
    await client.query(
      `insert into users (id, email, credits)
       select 'user_' || g, 'user_' || g || '@users.invalid', 100 from generate_series(0, 9999) g`,
    );
    await client.query(
      `with made as (
         insert into image_generation_jobs (id, user_id, managed, status, stage, progress, prompt, receipt, version, attempt,
           created_at, updated_at, deadline_at, completed_at)
         select gen_random_uuid(), 'user_' || (g % 10000), true, $2::text, case when $3 then 'done' else 'queued' end,
           case when $3 then 100 else 0 end, 'a fox with a cup of tea', '{"charged": 1, "refunded": 0, "net": 1}', 1, 1,
           now() - g * interval '1 second' / 10, now(), now() + interval '1 day', case when $3 then now() end
         from generate_series(1, $1::integer) g
         returning id, user_id, created_at
       ), runs as (
         insert into job_runs (job_id, price, fallback, run_at, priority, active)
         select id, 1, true, created_at, 100, not $3 from made
       )
       insert into credit_ledger (user_id, job_id, kind, amount, balance_after, reference)
       select user_id, id, 'job_debit', -1, 100, 'job:' || id || ':debit' from made`,
      [count, status, ended],
    );
    await client.query('commit');
    await client.query('vacuum analyze');
    await client.query('checkpoint');
  } finally {
    client.release();
  }
}

async function byWorkers({ servers, quick, say }: Context): Promise<Part> {
  const counts = quick ? [1, 2] : [1, 2, 4];
  const modelMs = 2_000;
  const model = { latencyMs: { min: modelMs * 0.75, max: modelMs * 1.25 }, side: 64 };
  const deployment = await openDeployment(servers, { name: 'workers', model });
  const queue = openFeed(deployment);
  const names = counts.map((count) => (count === 1 ? '1 worker' : `${count} workers`));
  const done = emptyMeasure('completed jobs, model of 2 s', 'jobs/s', 'higher', names);
  let running = 0;
  for (const [at, count] of counts.entries()) {
    for (; running < count; running += 1) {
      await deployment.startWorker({ WORKER_CONCURRENCY: String(concurrency) });
    }
    const slots = count * concurrency;
    const jobIds = await submitJobs(deployment.pool, slots * (quick ? 5 : 8));
    await queue.deliver(jobIds);
    await waitUntilDone(deployment.pool, jobIds);
    done.values[names[at]!]!.push(await steadyThroughputOf(deployment.pool, jobIds, slots));
    say(`  ${names[at]}: ${done.values[names[at]!]![0]!.toFixed(1)}/s`);
  }
  await queue.close();
  await deployment.stop();
  const [one, most] = [names[0]!, names.at(-1)!];
  const wanted = quick ? 1.9 : 3.8;
  return {
    measures: [done],
    checks: [atLeast(`completed jobs, ${most}, ratio to 1 worker`, ratio(done, most, one), wanted)],
  };
}

/** Completed jobs per second while all slots are busy: without the first and the last job of each slot. */
async function steadyThroughputOf(pool: pg.Pool, ids: readonly string[], slots: number): Promise<number> {
  const { rows } = await pool.query(
    `select extract(epoch from completed_at)::float8 as at
     from public.image_generation_jobs where id = any ($1::uuid[]) order by completed_at`,
    [ids],
  );
  const steady = rows.slice(slots - 1, -slots);
  return (steady.length - 1) / (steady.at(-1).at - steady[0].at);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
