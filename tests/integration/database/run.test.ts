import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { useRules } from './rules.ts';

const rules = useRules();

async function claimed(options: { credits?: number; price?: number } = {}) {
  const user = await rules.user(options.credits ?? 10);
  const { job } = await rules.submit(user, { price: options.price ?? 3 });
  const worker = await rules.worker();
  const claim = await rules.claim(job.id, worker);
  expect(claim.kind).toBe('claimed');
  return { user, id: job.id as string, worker, attempt: claim.attempt as number };
}

it('gives a job to one of twenty workers that ask at once', async () => {
  const user = await rules.user();
  const { job } = await rules.submit(user);
  const workers = await Promise.all(Array.from({ length: 20 }, () => rules.worker()));
  const answers = await Promise.all(workers.map((worker) => rules.claim(job.id, worker)));
  expect(answers.map((answer) => answer.kind).sort()).toEqual([
    ...Array(1).fill('claimed'),
    ...Array(19).fill('drop'),
  ]);
});

it('refuses a claim by a worker without a lease', async () => {
  const { job } = await rules.submit(await rules.user());
  await expect(rules.claim(job.id, randomUUID())).rejects.toMatchObject({ code: 'DR403' });
});

it('completes once: image, status and receipt together; a repeat changes nothing', async () => {
  const { user, id, attempt } = await claimed();
  expect(await rules.complete(id, attempt)).toBe(true);
  const done = await rules.job(id);
  expect(done).toMatchObject({
    status: 'completed',
    stage: 'done',
    progress: 100,
    model: 'primary',
    receipt: { charged: 3, refunded: 0, net: 3 },
  });
  expect(await rules.complete(id, attempt)).toBe(true);
  expect((await rules.job(id)).version).toBe(done.version);
  expect(await rules.query('select * from generated_images where job_id = $1', [id])).toHaveLength(1);
  expect(await rules.credits(user)).toBe(7);
});

it('refunds the difference when a cheaper model served, and never charges a dearer one', async () => {
  const cheap = await claimed({ price: 5 });
  await rules.complete(cheap.id, cheap.attempt, 2);
  expect((await rules.job(cheap.id)).receipt).toEqual({ charged: 5, refunded: 3, net: 2 });
  expect(await rules.credits(cheap.user)).toBe(8);
  const dear = await claimed({ price: 2 });
  await rules.complete(dear.id, dear.attempt, 9);
  expect((await rules.job(dear.id)).receipt).toEqual({ charged: 2, refunded: 0, net: 2 });
});

it('fails and refunds together, once', async () => {
  const { user, id, attempt } = await claimed();
  expect(await rules.fail(id, attempt)).toBe(true);
  expect(await rules.fail(id, attempt)).toBe(true);
  expect(await rules.job(id)).toMatchObject({
    status: 'failed',
    error_code: 'no_image',
    receipt: { charged: 3, refunded: 3, net: 0 },
  });
  expect(await rules.credits(user)).toBe(10);
  expect((await rules.ledger(user)).filter((row) => row.kind === 'job_refund')).toHaveLength(1);
});

it('lets a worker whose claim was taken over write nothing', async () => {
  const { id, attempt } = await claimed();
  const other = randomUUID();
  const second = await rules.ahead('31 seconds', async (run) => {
    await run('select heartbeat($1)', [other]);
    return run('select claim_job($1, $2)', [id, other]);
  });
  expect(second).toMatchObject({ kind: 'claimed', attempt: attempt + 1 });
  const before = await rules.job(id);
  expect(await rules.value(`select report_progress($1, $2, 'storing', 95)`, [id, attempt])).toBe(false);
  expect(await rules.value(`select begin_model_call($1, $2, 'm', 8)`, [id, attempt])).toBeNull();
  expect(await rules.complete(id, attempt)).toBe(false);
  expect(await rules.fail(id, attempt)).toBe(false);
  expect(await rules.retry(id, attempt)).toEqual({ kind: 'lost' });
  expect(await rules.value('select release_job($1, $2)', [id, attempt])).toBeNull();
  expect(await rules.job(id)).toEqual(before);
});

it('cancels at any stage with one refund, and fences the worker that holds it', async () => {
  const { user, id, worker, attempt } = await claimed();
  const canceled = await rules.cancel(id, user);
  expect(canceled).toMatchObject({ status: 'canceled', receipt: { charged: 3, refunded: 3, net: 0 } });
  expect(await rules.complete(id, attempt)).toBe(false);
  expect(
    await rules.value('select heartbeat($1, $2)', [worker, JSON.stringify([{ job_id: id, attempt }])]),
  ).toMatchObject({
    lost: [{ job_id: id, attempt }],
  });
  await expect(rules.cancel(id, user)).rejects.toMatchObject({ code: 'DR409' });
  expect(await rules.credits(user)).toBe(10);
});

it('has one winner when completion and cancel come at the same moment', async () => {
  for (let round = 0; round < 20; round += 1) {
    const { user, id, attempt } = await claimed();
    const [completed, canceled] = await Promise.allSettled([
      rules.complete(id, attempt),
      rules.cancel(id, user),
    ]);
    const job = await rules.job(id);
    expect(['completed', 'canceled']).toContain(job.status);
    expect(completed).toMatchObject({ value: job.status === 'completed' });
    expect(canceled.status).toBe(job.status === 'canceled' ? 'fulfilled' : 'rejected');
    expect(await rules.credits(user)).toBe(job.status === 'completed' ? 7 : 10);
  }
});

it("does not cancel another's job, nor say that it exists", async () => {
  const { id } = await claimed();
  await expect(rules.cancel(id, await rules.user())).rejects.toMatchObject({ code: 'DR404' });
});

it('puts a job back under a new delivery, not to be claimed before it is due', async () => {
  const { id, worker, attempt } = await claimed();
  expect(await rules.retry(id, attempt, 5_000)).toMatchObject({
    kind: 'retried',
    delivery: 2,
    delay_ms: 5_000,
  });
  expect(await rules.retry(id, attempt, 5_000), 'a repeat after a lost answer').toMatchObject({
    delivery: 2,
  });
  expect(await rules.run(id)).toMatchObject({ counted_retries: 1, past_failures: ['provider_unavailable'] });
  const early = await rules.claim(id, worker);
  expect(early.kind).toBe('later');
  expect(early.delay_ms).toBeGreaterThan(3_000);
  await rules.ahead('6 seconds', async (run) => {
    expect(await run('select claim_job($1, $2)', [id, worker])).toMatchObject({
      kind: 'claimed',
      attempt: 2,
      counted_retries: 1,
    });
  });
});

it('fails and refunds at once when the next try would be after the deadline', async () => {
  const { user, id, attempt } = await claimed();
  expect(await rules.retry(id, attempt, 11 * 60_000)).toEqual({ kind: 'failed' });
  expect(await rules.job(id)).toMatchObject({ status: 'failed', error_code: 'provider_unavailable' });
  expect(await rules.credits(user)).toBe(10);
});

it('hands a job back on shutdown without counting a retry', async () => {
  const { id, attempt } = await claimed();
  expect(await rules.value('select release_job($1, $2)', [id, attempt])).toMatchObject({
    delivery: 2,
    delay_ms: 0,
  });
  expect(await rules.run(id)).toMatchObject({ counted_retries: 0, past_failures: [], worker_id: null });
  expect(await rules.job(id)).toMatchObject({ status: 'pending', stage: 'queued' });
});

it('never counts more model calls than allowed, and keeps each before it is sent', async () => {
  const { id, attempt } = await claimed();
  const counted = [];
  for (let call = 0; call < 5; call += 1) {
    counted.push(await rules.value(`select begin_model_call($1, $2, 'm', 3)`, [id, attempt]));
  }
  expect(counted).toEqual([1, 2, 3, 0, 0]);
  const log = [{ call: 2, attempt, model: 'm', code: 'no_image', ms: 7 }];
  await rules.value(`select fail_job($1, $2, 'no_image', 'y', $3)`, [id, attempt, JSON.stringify(log)]);
  expect((await rules.run(id)).attempts_log.map((entry: any) => entry.code)).toEqual([
    null,
    'no_image',
    null,
  ]);
});

it('gives back the calls that were turned away at the door when the job waits for its turn', async () => {
  const { id, attempt } = await claimed();
  const call = () => rules.value<number>(`select begin_model_call($1, $2, 'm', 2)`, [id, attempt]);
  expect([await call(), await call(), await call()]).toEqual([1, 2, 0]);
  const calls = ['rate_limited', 'provider_unavailable'].map((code, n) => ({
    call: n + 1,
    attempt,
    model: 'm',
    code,
    ms: 5,
  }));
  await rules.value(`select retry_job($1, $2, 'rate_limited', 'y', 0, false, $3)`, [
    id,
    attempt,
    JSON.stringify(calls),
  ]);
  expect(await rules.run(id)).toMatchObject({ model_calls: 1, counted_retries: 0 });
  const again = await rules.claim(id, await rules.worker());
  expect(await rules.value(`select begin_model_call($1, $2, 'm', 2)`, [id, again.attempt])).toBe(3);
  expect(await rules.value(`select begin_model_call($1, $2, 'm', 2)`, [id, again.attempt])).toBe(0);
});

it('takes the age of a job off each delivery once, however often it is put back', async () => {
  const user = await rules.user();
  await rules.submit(user);
  const { job } = await rules.submit(user);
  const priorities = [];
  for (const waited of ['2 minutes', '4 minutes', '6 minutes']) {
    const answer = await rules.ahead(waited, async (run) => {
      const worker = randomUUID();
      await run('select heartbeat($1)', [worker]);
      const { attempt } = await run('select claim_job($1, $2)', [job.id, worker]);
      return run(`select retry_job($1, $2, 'provider_unavailable', 'y', 0, false)`, [job.id, attempt]);
    });
    priorities.push(answer.priority);
  }
  expect(priorities).toEqual([1081, 1061, 1041]);
  expect((await rules.run(job.id)).priority).toBe(1101);
});

it('shows progress that never falls and a version that grows with each change alone', async () => {
  const { id, attempt } = await claimed();
  const versions = [];
  for (const [stage, progress] of [
    ['generating', 20],
    ['generating', 20],
    ['generating', 10],
    ['generating', 30],
    ['storing', 5],
  ]) {
    expect(await rules.value('select report_progress($1, $2, $3, $4)', [id, attempt, stage, progress])).toBe(
      true,
    );
    const job = await rules.job(id);
    versions.push([job.version, job.progress]);
  }
  expect(versions).toEqual([
    [3, 20],
    [3, 20],
    [3, 20],
    [4, 30],
    [5, 30],
  ]);
});

it('shows the progress of many jobs at once, each by itself, and tells whose claim was lost', async () => {
  const [first, second, canceled] = [await claimed(), await claimed(), await claimed()];
  await rules.value('select cancel_job($1)', [canceled.id]);
  const report = ({ id, attempt }: { id: string; attempt: number }, progress: number) => ({
    job_id: id,
    attempt,
    stage: 'generating',
    progress,
  });
  const stale = report({ id: second.id, attempt: second.attempt + 1 }, 70);
  const reports = [report(canceled, 40), report(second, 20), stale, report(first, 120)];
  const lost = await rules.value('select report_progress_batch($1)', [JSON.stringify(reports)]);
  expect(new Set(lost)).toEqual(
    new Set([
      { job_id: canceled.id, attempt: canceled.attempt },
      { job_id: second.id, attempt: second.attempt + 1 },
    ]),
  );
  expect(await rules.job(first.id)).toMatchObject({ stage: 'generating', progress: 99 });
  expect(await rules.job(second.id)).toMatchObject({ stage: 'generating', progress: 20 });
  expect(await rules.job(canceled.id)).toMatchObject({ status: 'canceled', stage: 'done' });
});

it('ends a job that is claimed after its deadline, refunded', async () => {
  const user = await rules.user(10);
  const { job } = await rules.submit(user);
  await rules.ahead('11 minutes', async (run) => {
    const worker = randomUUID();
    await run('select heartbeat($1)', [worker]);
    expect(await run('select claim_job($1, $2)', [job.id, worker])).toEqual({ kind: 'drop' });
  });
  expect(await rules.job(job.id)).toMatchObject({ status: 'failed', error_code: 'deadline_exceeded' });
  expect(await rules.credits(user)).toBe(10);
});

it('settles a hundred jobs of three users at once without a deadlock', async () => {
  const users = await Promise.all([rules.user(500), rules.user(500), rules.user(500)]);
  const worker = await rules.worker();
  const jobs = await Promise.all(Array.from({ length: 100 }, (_, n) => rules.submit(users[n % 3]!)));
  const claims = await Promise.all(jobs.map(({ job }) => rules.claim(job.id, worker)));
  await Promise.all(
    claims.map(({ job, attempt }, n) =>
      [
        () => rules.complete(job.id, attempt, 1),
        () => rules.fail(job.id, attempt),
        () => rules.cancel(job.id, job.user_id),
        () => rules.retry(job.id, attempt, 3_600_000),
      ][n % 4]!(),
    ),
  );
  expect(
    await rules.value(`select count(*)::int from job_runs where active and worker_id = $1`, [worker]),
  ).toBe(0);
});
