import { randomUUID } from 'node:crypto';
import { readMigrations } from '@darkroom/db/migrate/files';
import { serverFunctions } from '@darkroom/db/operators/server-functions';
import { expect, it } from 'vitest';
import { useRules } from './rules.ts';

const rules = useRules();

const requeue = (jobId: string) => rules.value('select requeue_job($1)', [jobId]);
const settle = (jobId: string) => rules.value('select settle_job($1)', [jobId]);
const report = () => rules.value('select operator_report($1)', [[...serverFunctions]]);

it('a requeued job is due now under a delivery of its own; credits, attempt and retries stay as they are', async () => {
  const ada = await rules.user(20);
  const { job } = await rules.submit(ada);
  await rules.claim(job.id, await rules.worker());
  await rules.retry(job.id, 1, 60_000);
  const before = await rules.run(job.id);
  const credits = await rules.credits(ada);

  const requeued = await requeue(job.id);
  expect(requeued).toMatchObject({ kind: 'due', delivery: before.delivery + 1, delay_ms: 0 });
  const after = await rules.run(job.id);
  expect(after).toMatchObject({ attempt: 1, counted_retries: 1, delivered_at: null, worker_id: null });
  expect(await rules.credits(ada)).toBe(credits);
  // A sweep leaves the delivery to whoever asked for it for 10 s, then makes it itself.
  expect((await rules.sweep()).due).toEqual([]);
  const later = await rules.ahead('11 seconds', (run) => run('select sweep()'));
  expect(later.due).toMatchObject([{ job_id: job.id, delivery: before.delivery + 2 }]);
  expect(await rules.claim(job.id, await rules.worker())).toMatchObject({ kind: 'claimed' });
  await rules.fail(job.id, 2);
});

it('a job that is delivered anew by hand comes before what was made after it', async () => {
  const ada = await rules.user(20);
  const { job, priority } = await rules.submit(ada);
  await rules.ahead('1 minute', async (run) => {
    await rules.claim(job.id, await rules.worker());
    await rules.retry(job.id, 1, 60_000);
    expect(await run('select requeue_job($1)', [job.id])).toMatchObject({ priority: priority - 10 });
  });
  await rules.cancel(job.id, ada);
});

it('settling books the refund that a job owes, once, and no other job', async () => {
  const ada = await rules.user(20);
  const { job } = await rules.submit(ada);
  await expect(settle(job.id)).rejects.toMatchObject({ code: 'DR400' });
  const client = await rules.pool.connect();
  try {
    // As if somebody had ended it by hand, past the functions.
    await client.query('set session_replication_role = replica');
    await client.query(
      `update image_generation_jobs set status = 'failed', stage = 'done', error_code = 'no_image', completed_at = now() where id = $1`,
      [job.id],
    );
  } finally {
    await client.query('reset session_replication_role');
    client.release();
  }
  expect(await rules.audit()).not.toEqual([]);
  const both = await Promise.all([settle(job.id), settle(job.id)]);
  expect(both.map(({ refunded }) => refunded).sort()).toEqual([0, 3]);
  expect(await rules.audit()).toEqual([]);
  expect(await settle(job.id)).toEqual({ user_id: ada, status: 'failed', refunded: 0, balance: 20 });
  expect((await rules.job(job.id)).receipt).toEqual({ charged: 3, refunded: 3, net: 0 });
  await expect(settle(randomUUID())).rejects.toMatchObject({ code: 'DR404' });
});

it('the rows of the audit are those of the view, as many as are asked for', async () => {
  const users = [await rules.user(), await rules.user()];
  const client = await rules.pool.connect();
  try {
    await client.query('begin');
    await client.query('set local session_replication_role = replica');
    await client.query('update users set credits = credits + 1 where id = any ($1)', [users]);
    const rowsOf = async (limit: number) =>
      (await client.query('select audit_rows($1) as rows', [limit])).rows[0].rows;
    expect(await rowsOf(1_000)).toEqual((await client.query('select * from credit_audit')).rows);
    expect(await rowsOf(1)).toHaveLength(1);
  } finally {
    await client.query('rollback');
    client.release();
  }
  expect(await rules.value('select audit_rows()')).toEqual([]);
});

it('what a worker has in hand is left to it, and what has ended stays ended and refunded once', async () => {
  const ada = await rules.user(20);
  const { job } = await rules.submit(ada);
  const worker = await rules.worker();
  await rules.claim(job.id, worker);
  const before = await rules.run(job.id);
  expect(await requeue(job.id)).toMatchObject({ kind: 'in_hand', worker_id: worker });
  expect(await rules.run(job.id)).toEqual(before);
  await rules.fail(job.id, 1);
  await expect(requeue(job.id)).rejects.toMatchObject({ code: 'DR409' });
  await expect(requeue(randomUUID())).rejects.toMatchObject({ code: 'DR404' });
  expect(await rules.credits(ada)).toBe(20);
});

it('the plan of a sweep is what the sweep does, and planning does nothing', async () => {
  const ada = await rules.user(50);
  const overdue = (await rules.submit(ada)).job.id;
  const unwanted = (await rules.submit(ada, { input: { cancel_after_ms: 1_000 } })).job.id;
  const lapsed = (await rules.submit(ada)).job.id;
  const due = (await rules.submit(ada)).job.id;
  await rules.query(
    `update image_generation_jobs set deadline_at = now() + interval '40 seconds' where id = $1`,
    [overdue],
  );
  await rules.claim(lapsed, await rules.worker());

  await rules.ahead('1 minute', async (run) => {
    const rows = async () => {
      const state = await rules.query('select status, version from image_generation_jobs order by id');
      return JSON.stringify([state, await rules.query('select * from job_runs order by job_id')]);
    };
    const before = await rows();
    const plan = await run('select sweep_preview()');
    expect(await rows()).toBe(before);
    const planned = new Map(plan.map((step: any) => [step.job_id, step.what]));
    expect([overdue, unwanted, lapsed, due].map((id) => planned.get(id))).toEqual([
      'fail_overdue',
      'cancel',
      'take_back',
      'deliver',
    ]);
    expect(await run('select cancel_due()')).toMatchObject([{ job_id: unwanted }]);
    const swept = await run('select sweep()');
    expect(swept).toMatchObject({ overdue: 1, lapsed: 1, crashed: 0 });
    expect(swept.due.map((one: any) => one.job_id)).toEqual(expect.arrayContaining([due, lapsed]));
  });
});

it('the report of a fresh database has all migrations, all functions, and nothing that stands open', async () => {
  const files = await readMigrations();
  expect(await report()).toMatchObject({
    migrations: files.numbered.map(({ name }) => name),
    release: files.release,
    checksums: [files.checksum],
    missing_functions: [],
    closed_functions: [],
    open_functions: [],
    open_tables: [],
  });
});

it('the report tells what stands open', async () => {
  await rules.query('grant execute on function darkroom.is_live(text) to authenticated');
  await rules.query('revoke execute on function public.sweep(integer) from service_role');
  await rules.query('create table public.forgotten (id integer)');
  await rules.query('grant select on public.forgotten to anon');
  try {
    expect(await report()).toMatchObject({
      open_functions: ['darkroom.is_live(text)'],
      closed_functions: ['sweep'],
      open_tables: ['forgotten'],
    });
  } finally {
    await rules.query('revoke execute on function darkroom.is_live(text) from authenticated');
    await rules.query('grant execute on function public.sweep(integer) to service_role');
    await rules.query('drop table public.forgotten');
  }
});

it.each([
  'requeue_job(gen_random_uuid())',
  'settle_job(gen_random_uuid())',
  'audit_rows()',
  'sweep_preview()',
  `operator_report('{}')`,
])('no user may call %s', async (call) => {
  const client = await rules.pool.connect();
  try {
    for (const role of ['anon', 'authenticated']) {
      await client.query(`set role ${role}`);
      await expect(client.query(`select ${call}`)).rejects.toMatchObject({ code: '42501' });
    }
  } finally {
    await client.query('reset role');
    client.release();
  }
});
