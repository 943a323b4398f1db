import type pg from 'pg';
import { openFeed } from '../work/feed.ts';
import { submitJobs, waitUntilDone } from '../work/submit.ts';
import { openProduct } from '../world/product.ts';
import { atLeast, atMost, emptyMeasure, median, ratio, takeTurns } from './statistics.ts';
import type { Context, Suite, SuiteResult } from './suite.ts';

const pendingRows = 100_000;
/** Jobs at once of one worker. */
const concurrency = 4;

/** Whether what was cheap stays cheap: with many rows, with many waiting, with more workers. */
export const growth: Suite = async (context) => {
  const rows = await byRows(context);
  const workers = await byWorkers(context);
  return {
    name: 'growth',
    title: 'Growth: more rows, more waiting, more workers',
    how:
      'create_job, claim_job and a pass of sweep, by SQL, in databases of 1,000 to 1,000,000 ended jobs beside each other, in ' +
      `turns; then a pass with ${pendingRows.toLocaleString('en')} jobs that wait. Workers: ${concurrency} jobs at once each, a ` +
      'model that takes 2 s give or take a quarter, small images: so little that all that runs on this machine, four ' +
      'workers, the Data API and the servers, waits for the model and not for a processor. Eight jobs a slot, of which the ' +
      'first and the last are left out.',
    measures: [...rows.measures, ...workers.measures],
    checks: [...rows.checks, ...workers.checks],
    notes: [],
  };
};

type Part = Pick<SuiteResult, 'measures' | 'checks'>;

async function byRows({ ground, quick, say }: Context): Promise<Part> {
  const sizes = quick ? [1_000, 20_000] : [1_000, 100_000, 1_000_000];
  const calls = quick ? 50 : 200;
  const name = (size: number) => `${size.toLocaleString('en')} rows`;
  const names = sizes.map(name);
  const pools: Record<string, pg.Pool> = {};
  for (const size of sizes) {
    const begun = performance.now();
    const pool = ground.openPool(await ground.makeDatabase(`rows_${size}`));
    await fill(pool, size, 'completed');
    pools[name(size)] = pool;
    say(`  ${name(size)} made in ${((performance.now() - begun) / 1_000).toFixed(0)} s`);
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

  const waiting = emptyMeasure(`sweep, ${pendingRows.toLocaleString('en')} waiting`, 'ms', 'lower', [
    'not delivered',
    'delivered',
  ]);
  const crowded = ground.openPool(await ground.makeDatabase('crowded'));
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
      atMost(`create_job, ${largest} to ${smallest}`, ratio(create, largest, smallest), 1.2),
      atMost(`claim_job, ${largest} to ${smallest}`, ratio(claim, largest, smallest), 1.2),
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
    // Out of the way of the next round, and of the limit of active jobs.
    for (const jobId of jobIds) await client.query('select cancel_job($1)', [jobId]);
  } finally {
    client.release();
  }
  return took;
}

/** Rows as so many jobs would have left them, without the work of making them. */
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

async function byWorkers({ ground, quick, say }: Context): Promise<Part> {
  const counts = quick ? [1, 2] : [1, 2, 4];
  const modelMs = 2_000;
  const model = { latencyMs: { min: modelMs * 0.75, max: modelMs * 1.25 }, side: 64 };
  const product = await openProduct(ground, { name: 'workers', model });
  const queue = openFeed(product);
  const names = counts.map((count) => (count === 1 ? '1 worker' : `${count} workers`));
  const done = emptyMeasure('done, a model of 2 s', 'jobs/s', 'higher', names);
  let running = 0;
  for (const [at, count] of counts.entries()) {
    for (; running < count; running += 1) {
      await product.startWorker({ WORKER_CONCURRENCY: String(concurrency) });
    }
    const slots = count * concurrency;
    const jobIds = await submitJobs(product.pool, slots * (quick ? 5 : 8));
    await queue.deliver(jobIds);
    await waitUntilDone(product.pool, jobIds);
    done.values[names[at]!]!.push(await steadyThroughputOf(product.pool, jobIds, slots));
    say(`  ${names[at]}: ${done.values[names[at]!]![0]!.toFixed(1)}/s`);
  }
  await queue.close();
  await product.stop();
  const [one, most] = [names[0]!, names.at(-1)!];
  const wanted = quick ? 1.9 : 3.8;
  return { measures: [done], checks: [atLeast(`${most} to 1`, ratio(done, most, one), wanted)] };
}

/** Completed jobs a second while all slots are taken: without the first round of them and the last. */
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
