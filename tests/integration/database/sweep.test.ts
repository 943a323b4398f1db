import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { openPlans } from './plans.ts';
import { openRules, useFreshRules } from './rules.ts';

const rules = useFreshRules();

it('delivers jobs that were never enqueued, after the producer’s 10 seconds', async () => {
  const { job } = await rules.submit(await rules.user());
  expect((await rules.sweep()).due).toEqual([]);
  await rules.ahead('3 seconds', async (run) => {
    expect((await run('select sweep()')).due).toMatchObject([{ job_id: job.id, delivery: 2, delay_ms: 0 }]);
    expect((await run('select sweep()')).due, 'another sweeper at the same moment').toEqual([]);
  });
  await rules.ahead('14 seconds', async (run) => {
    expect((await run('select sweep()')).due, 'it was never confirmed').toMatchObject([{ delivery: 3 }]);
    await run('select mark_delivered($1)', [JSON.stringify([{ job_id: job.id, delivery: 3 }])]);
  });
  await rules.ahead('40 seconds', async (run) => expect((await run('select sweep()')).due).toEqual([]));
});

it('ignores the confirmation of a delivery that a later one has replaced', async () => {
  const { job } = await rules.submit(await rules.user());
  await rules.ahead('3 seconds', (run) => run('select sweep()'));
  await rules.query('select mark_delivered($1)', [JSON.stringify([{ job_id: job.id, delivery: 1 }])]);
  expect((await rules.run(job.id)).delivered_at).toBeNull();
});

it('checks delivered rows in turn, and delivers again what the queue has lost', async () => {
  const user = await rules.user();
  const jobs = [];
  for (let n = 0; n < 3; n += 1) jobs.push((await rules.submit(user)).job.id);
  await rules.query('select mark_delivered($1)', [
    JSON.stringify(jobs.map((job_id) => ({ job_id, delivery: 1 }))),
  ]);
  expect(await rules.value('select list_delivered(10)')).toEqual([]);
  await rules.ahead('2 minutes', async (run) => {
    const [first] = await run('select list_delivered(1)');
    await run('select mark_delivered($1)', [JSON.stringify([first])]);
    const rest: { job_id: string }[] = await run('select list_delivered(10)');
    expect(rest).toHaveLength(2);
    expect(rest.map(({ job_id }) => job_id)).not.toContain(first.job_id);
    await run('select mark_undelivered($1)', [JSON.stringify(rest)]);
    expect((await run('select sweep()')).due.map((due: any) => due.job_id).sort()).toEqual(
      rest.map(({ job_id }) => job_id).sort(),
    );
  });
});

it('delivers everything again when the queue’s epoch changes, and only then', async () => {
  const { job } = await rules.submit(await rules.user());
  expect(await rules.value(`select adopt_queue_epoch('one')`), 'the first mark replaces none').toBe(false);
  await rules.query('select mark_delivered($1)', [JSON.stringify([{ job_id: job.id, delivery: 1 }])]);
  expect(await rules.value(`select adopt_queue_epoch('one')`)).toBe(false);
  expect((await rules.run(job.id)).delivered_at).not.toBeNull();
  expect(await rules.value(`select adopt_queue_epoch('two')`)).toBe(true);
  expect((await rules.run(job.id)).delivered_at).toBeNull();
});

it('ends and refunds jobs past their deadline, held by a worker or not', async () => {
  const user = await rules.user(10);
  const pending = (await rules.submit(user)).job.id;
  const running = (await rules.submit(user)).job.id;
  const { attempt } = await rules.claim(running, await rules.worker());
  await rules.ahead('10 minutes 1 second', async (run) => {
    expect(await run('select sweep()')).toMatchObject({ overdue: 2, due: [] });
    expect(await run('select sweep()')).toMatchObject({ overdue: 0 });
  });
  for (const id of [pending, running]) {
    expect(await rules.job(id)).toMatchObject({ status: 'failed', error_code: 'deadline_exceeded' });
  }
  expect(await rules.complete(running, attempt)).toBe(false);
  expect(await rules.credits(user)).toBe(10);
});

it('takes jobs from a worker whose lease is over, and leaves those of a live one', async () => {
  const user = await rules.user();
  const [lost, kept] = [(await rules.submit(user)).job.id, (await rules.submit(user)).job.id];
  await rules.claim(lost, await rules.worker());
  const alive = await rules.worker();
  await rules.claim(kept, alive);
  await rules.ahead('20 seconds', (run) =>
    run('select heartbeat($1, $2)', [alive, JSON.stringify([{ job_id: kept, attempt: 1 }])]),
  );
  await rules.ahead('31 seconds', async (run) => {
    const pass = await run('select sweep()');
    expect(pass.lapsed).toBe(1);
    expect(pass.due.map((due: any) => due.job_id)).toEqual([lost]);
  });
  expect((await rules.run(lost)).losses).toBe(1);
  expect((await rules.run(kept)).losses).toBe(0);
});

it('fails a job that loses its worker three times while another keeps its lease', async () => {
  const user = await rules.user(10);
  const id = (await rules.submit(user)).job.id;
  const witness = await rules.worker();
  for (let round = 0; round < 3; round += 1) {
    const offset = round * 40;
    await rules.ahead(`${offset} seconds`, async (run) => {
      const doomed = randomUUID();
      await run('select heartbeat($1)', [witness]);
      await run('select heartbeat($1)', [doomed]);
      expect(await run('select claim_job($1, $2)', [id, doomed])).toMatchObject({
        kind: 'claimed',
        attempt: round + 1,
      });
    });
    await rules.ahead(`${offset + 20} seconds`, (run) => run('select heartbeat($1)', [witness]));
    await rules.ahead(`${offset + 31} seconds`, (run) => run('select sweep()'));
  }
  expect(await rules.job(id)).toMatchObject({ status: 'failed', error_code: 'worker_crashed' });
  expect(await rules.credits(user)).toBe(10);
});

it('counts an outage that takes every lease against no job', async () => {
  const id = (await rules.submit(await rules.user())).job.id;
  const workers = [await rules.worker(), await rules.worker()];
  for (let round = 0; round < 5; round += 1) {
    await rules.ahead(`${round * 60} seconds`, async (run) => {
      await run('select heartbeat($1)', [workers[round % 2]]);
      await run('select sweep()');
      expect(await run('select claim_job($1, $2)', [id, workers[round % 2]])).toMatchObject({
        kind: 'claimed',
      });
    });
  }
  expect((await rules.run(id)).losses).toBe(0);
});

it('takes back what a worker holds without knowing: after its lease was over, or when the answer to its claim was lost', async () => {
  const id = (await rules.submit(await rules.user())).job.id;
  const worker = await rules.worker();
  await rules.claim(id, worker);
  expect((await rules.run(id)).worker_id).toBe(worker);
  await rules.query('select heartbeat($1)', [worker]);
  expect((await rules.run(id)).worker_id, 'the answer may still be on its way').toBe(worker);
  await rules.ahead('11 seconds', async (run) => {
    await run('select heartbeat($1, $2)', [worker, JSON.stringify([{ job_id: id, attempt: 1 }])]);
    expect((await rules.run(id)).worker_id, 'it is being worked on').toBe(worker);
    await run('select heartbeat($1)', [worker]);
  });
  expect(await rules.run(id)).toMatchObject({ worker_id: null, losses: 0, delivered_at: null });
  await rules.ahead('14 seconds', async (run) => expect((await run('select sweep()')).due).toHaveLength(1));
});

it('runs jobs that have lost two workers one at a time in a process', async () => {
  const user = await rules.user();
  const ids = [(await rules.submit(user)).job.id, (await rules.submit(user)).job.id];
  await rules.query('update job_runs set losses = 2 where job_id = any($1)', [ids]);
  const worker = await rules.worker();
  expect((await rules.claim(ids[0]!, worker)).kind).toBe('claimed');
  expect(await rules.claim(ids[1]!, worker)).toMatchObject({ kind: 'later' });
  expect((await rules.claim(ids[1]!, await rules.worker())).kind).toBe('claimed');
});

it('lets many sweepers run at once without taking the same row twice or blocking', async () => {
  const users = await Promise.all(Array.from({ length: 5 }, () => rules.user(1_000)));
  await Promise.all(Array.from({ length: 100 }, (_, n) => rules.submit(users[n % 5]!)));
  await rules.query(
    `update image_generation_jobs set deadline_at = now() - interval '1 second' where id in (select id from image_generation_jobs limit 50)`,
  );
  await rules.query(`update job_runs set run_at = now() - interval '1 minute'`);
  const passes = await Promise.all(Array.from({ length: 8 }, () => rules.sweep()));
  expect(passes.reduce((sum, pass) => sum + pass.overdue, 0)).toBe(50);
  const due = passes.flatMap((pass) => pass.due.map((row: any) => row.job_id));
  expect(new Set(due).size).toBe(due.length);
});

it('leaves the rows of the native app alone', async () => {
  const user = await rules.user();
  await rules.query(
    `insert into image_generation_jobs (user_id, status, progress, created_at, updated_at)
     values ($1, 'processing', 40, '2025-06-03', '2025-06-03')`,
    [user],
  );
  const before = await rules.query('select * from image_generation_jobs');
  await rules.ahead('2 days', async (run) => {
    expect(await run('select sweep()')).toMatchObject({ overdue: 0, lapsed: 0, due: [] });
    const worker = randomUUID();
    await run('select heartbeat($1)', [worker]);
    expect(await run('select claim_job($1, $2)', [before[0]!.id, worker])).toEqual({ kind: 'drop' });
  });
  await expect(rules.cancel(before[0]!.id, user)).rejects.toMatchObject({ code: 'DR404' });
  expect(await rules.query('select * from image_generation_jobs')).toEqual(before);
});

it.each(['mark_delivered', 'mark_undelivered'])(
  '%s reads only the jobs it is given, however many others wait',
  async (name) => {
    const fresh = await openRules();
    const plans = await openPlans(fresh.pool);
    try {
      // What the planner knows: that hardly anything waits, among much that has ended.
      await fresh.query(
        `select create_job('user_' || n, '{"prompt": "a fox"}', 0, 'key', 'h') from generate_series(1, 1000) n`,
      );
      await fresh.query('select cancel_job(id, user_id) from image_generation_jobs');
      await fresh.query('vacuum analyze');
      const { job, delivery } = await fresh.submit(await fresh.user());
      const named = JSON.stringify([{ job_id: job.id, delivery }]);
      const all = (await plans.of(`select public.${name}($1)`, [named])).join('\n');
      expect(all).toMatch(/Update on/);
      expect(all).toMatch(/LockRows/);
      expect(all).not.toMatch(/Hash|Merge|Seq Scan on job_runs|job_runs_waiting/);
    } finally {
      plans.close();
      await fresh.close();
    }
  },
);
