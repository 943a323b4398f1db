import { describe, expect, it } from 'vitest';
import { type Rules, useFreshRules } from './rules.ts';

const rules = useFreshRules();

const changes = (jobs: object[], users: object[] = [], run: Rules['value'] = rules.value) =>
  run('select list_changes($1, $2)', [JSON.stringify(jobs), JSON.stringify(users)]);
const ids = ({ jobs }: { jobs: { id: string }[] }) => jobs.map(({ id }) => id).sort();

describe('list_changes', () => {
  it('returns a job only when it is newer than what was seen, and names those that are no more', async () => {
    const user = await rules.user();
    const { job } = await rules.submit(user);
    const missing = '00000000-0000-4000-8000-000000000000';
    expect(await changes([{ id: job.id, version: 1 }])).toMatchObject({ jobs: [], gone: [] });
    expect(await changes([{ id: job.id, version: 0 }])).toMatchObject({ jobs: [job] });
    await rules.claim(job.id, await rules.worker());
    const { jobs, gone } = await changes([
      { id: job.id, version: 1 },
      { id: missing, version: 3 },
    ]);
    expect(jobs).toMatchObject([{ id: job.id, version: 2, status: 'processing' }]);
    expect(jobs[0]).not.toHaveProperty('managed');
    expect(gone).toEqual([missing]);
  });

  it('tells the balance of those whose jobs have ended, and of nobody else', async () => {
    const [ada, bob] = [await rules.user(10), await rules.user(10)];
    const canceled = (await rules.submit(ada)).job;
    const waiting = (await rules.submit(bob)).job;
    const seen = [canceled, waiting].map(({ id }) => ({ id, version: 0 }));
    expect((await changes(seen)).balances).toEqual({});
    await rules.cancel(canceled.id, ada);
    expect((await changes(seen)).balances).toEqual({ [ada]: 10 });
    expect((await changes([{ id: canceled.id, version: 2 }])).balances).toEqual({});
  });

  it('tells a user’s follower of what is unfinished and what is new, and of nobody else’s', async () => {
    const [ada, bob] = [await rules.user(), await rules.user()];
    const first = (await rules.submit(ada)).job;
    await rules.submit(bob);
    const start = await changes([], [{ id: ada, since: null }]);
    expect(start.jobs).toEqual([first]);

    const second = (await rules.submit(ada)).job;
    await rules.cancel(second.id, ada);
    const later = await changes([{ id: first.id, version: 1 }], [{ id: ada, since: start.now }]);
    expect(later.jobs, 'made and ended between two looks').toMatchObject([
      { id: second.id, status: 'canceled' },
    ]);
    const seen = [
      { id: first.id, version: 1 },
      { id: second.id, version: 2 },
    ];
    expect((await changes(seen, [{ id: ada, since: start.now }])).jobs).toEqual([]);
  });

  it('goes on from a point in time without a gap, and with little that was seen before', async () => {
    const ada = await rules.user();
    const long = (await rules.submit(ada)).job;
    await rules.cancel(long.id, ada);
    const cut = (await rules.submit(ada)).job;
    const resume = await rules.ahead('1 minute', (run) => run('select darkroom.now()'));
    await rules.ahead('2 minutes', (run) => run('select cancel_job($1, $2)', [cut.id, ada]));
    const answer = await rules.ahead('3 minutes', (run) =>
      changes([], [{ id: ada, since: resume, resumed_from: resume }], run),
    );
    expect(ids(answer)).toEqual([cut.id]);
  });
});

describe('Cancel-After', () => {
  const submit = (user: string, ms: number, options: object = {}) =>
    rules.submit(user, { ...options, input: { cancel_after_ms: ms } });

  it('cancels and refunds once its time is over, whatever stage the job is at, and not before', async () => {
    const ada = await rules.user(10);
    const waiting = (await submit(ada, 60_000)).job;
    const running = (await submit(ada, 60_000)).job;
    const other = (await rules.submit(ada)).job;
    const { attempt } = await rules.claim(running.id, await rules.worker());
    expect(await rules.value('select cancel_due()')).toEqual([]);
    const ended = await rules.ahead('61 seconds', (run) => run('select cancel_due()'));
    expect(ended.map((row: any) => row.job_id).sort()).toEqual([waiting.id, running.id].sort());
    expect(ended[0].user_id).toBe(ada);
    for (const { id } of [waiting, running]) {
      expect(await rules.job(id)).toMatchObject({
        status: 'canceled',
        error_code: 'canceled',
        receipt: { charged: 3, refunded: 3, net: 0 },
      });
    }
    expect((await rules.job(other.id)).status).toBe('pending');
    expect(await rules.credits(ada)).toBe(7);
    expect(await rules.complete(running.id, attempt), 'a late image').toBe(false);
    expect(await rules.ahead('61 seconds', (run) => run('select cancel_due()'))).toEqual([]);
  });

  it('is not moved by a replay, and must be more than nothing', async () => {
    const ada = await rules.user();
    const { job } = await submit(ada, 60_000, { key: 'k' });
    await submit(ada, 600_000, { key: 'k' });
    expect(await rules.ahead('61 seconds', (run) => run('select cancel_due()'))).toHaveLength(1);
    expect((await rules.job(job.id)).status).toBe('canceled');
    await expect(submit(ada, 0)).rejects.toMatchObject({ code: 'DR400' });
  });

  it('cancels each job once when several look at the same moment', async () => {
    const ada = await rules.user(100);
    for (let n = 0; n < 8; n += 1) await submit(ada, 1_000);
    const all = await Promise.all(
      [1, 2, 3].map(() => rules.ahead('2 seconds', (run) => run('select cancel_due()'))),
    );
    expect(all.flat()).toHaveLength(8);
    expect(await rules.credits(ada)).toBe(100);
  });
});

describe('the line', () => {
  it('shows who is next, by priority and then by age, and leaves out what is not due', async () => {
    const [ada, bob] = [await rules.user(), await rules.user()];
    const first = (await rules.submit(ada)).job;
    const second = (await rules.submit(ada)).job;
    const bobs = (await rules.submit(bob)).job;
    const later = (await rules.submit(await rules.user())).job;
    const worker = await rules.worker();
    const { attempt } = await rules.claim(later.id, worker);
    await rules.retry(later.id, attempt, 60_000);
    const { marks, workers } = await rules.value('select queue_snapshot()');
    const turns = await Promise.all(
      [first, bobs, second].map(({ id }) => rules.value('select queue_place($1)', [id])),
    );
    expect(workers).toBe(1);
    expect(marks).toEqual(turns.map(({ priority, run_at_us }, at) => [at + 1, priority, run_at_us]));
  });

  it('knows how long runs take, how long those in hand have been, and who went first', async () => {
    const ada = await rules.user();
    const worker = await rules.worker();
    const { job } = await rules.submit(ada);
    const { attempt } = await rules.claim(job.id, worker);
    await rules.ahead('4 seconds', (run) => rules.complete(job.id, attempt, 3, run));
    const running = (await rules.submit(ada)).job;
    await rules.claim(running.id, worker);
    const snapshot = await rules.ahead('6 seconds', (run) => run('select queue_snapshot()'));
    expect(snapshot.median_ms).toBeGreaterThan(3_900);
    expect(snapshot.median_ms).toBeLessThan(12_000);
    expect(snapshot.mean_ms).toBe(snapshot.median_ms);
    expect(snapshot).toMatchObject({ ended: 1, span_ms: 60_000, overtaking: [[1001, 2]], marks: [] });
    expect(snapshot.running_ms[0]).toBeGreaterThan(5_000);
    expect(await rules.value('select queue_place($1)', [job.id])).toBeNull();
  });

  it('of a hundred thousand is read in a fraction of a second, with few marks', {
    tags: ['slow'],
  }, async () => {
    const ada = await rules.user();
    await rules.query('alter table image_generation_jobs disable trigger all');
    await rules.query(
      `with made as (
         insert into image_generation_jobs (user_id, managed, status, stage, receipt, created_at, updated_at, deadline_at)
         select $1, true, 'pending', 'queued', '{"charged":0,"refunded":0,"net":0}', now(), now(), now() + interval '1 hour'
         from generate_series(1, 100000) returning id)
       insert into job_runs (job_id, price, run_at, priority) select id, 0, now(), 1 + (random() * 5)::int from made`,
      [ada],
    );
    await rules.query('alter table image_generation_jobs enable trigger all');
    await rules.query('analyze job_runs, image_generation_jobs');
    const startedAt = performance.now();
    const { marks } = await rules.value('select queue_snapshot()');
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(marks.length).toBeLessThan(500);
    expect(marks.at(-1)[0]).toBe(100_000);
  });
});

describe('model_health', () => {
  it('tells of each model how long its images took and how its latest calls ended', async () => {
    const ada = await rules.user();
    const worker = await rules.worker();
    for (const [code, ms] of [
      ['provider_unavailable', 100],
      ['ok', 4_000],
      ['ok', 6_000],
    ] as const) {
      const { job } = await rules.submit(ada);
      const { attempt } = await rules.claim(job.id, worker);
      const calls = [{ call: 1, attempt, model: 'primary', code, ms }];
      await rules.query(`select fail_job($1, $2, 'no_image', 'none', $3)`, [
        job.id,
        attempt,
        JSON.stringify(calls),
      ]);
    }
    expect(await rules.value('select model_health()')).toEqual({
      primary: { median_ms: 5_000, latest: ['ok', 'ok', 'provider_unavailable'] },
    });
    expect(await rules.ahead('11 minutes', (run) => run('select model_health()'))).toEqual({});
  });
});

describe('job_input', () => {
  it('is what was asked for, to its owner alone; a saved prompt is named while it says the same', async () => {
    const ada = await rules.user();
    const [prompt] = await rules.query(
      `insert into custom_prompts (user_id, prompt_text) values ($1, 'a cat') returning id`,
      [ada],
    );
    const { job } = await rules.submit(ada, {
      input: { prompt: null, custom_prompt_id: prompt!.id, fallback: false, metadata: { a: 1 } },
    });
    const input = () => rules.value('select job_input($1, $2)', [job.id, ada]);
    expect(await input()).toMatchObject({
      status: 'pending',
      prompt: 'a cat',
      custom_prompt_id: prompt!.id,
      fallback: false,
      metadata: { a: 1 },
      model_requested: 'primary',
    });
    await rules.query(`update custom_prompts set prompt_text = 'a dog'`);
    expect(await input()).toMatchObject({ prompt: 'a cat', custom_prompt_id: null });
    expect(await rules.value('select job_input($1, $2)', [job.id, 'user_other'])).toBeNull();
  });
});

it('is closed to users: none of these functions can be called by them', async () => {
  const calls = [
    'list_changes()',
    'queue_snapshot()',
    `queue_place('00000000-0000-4000-8000-000000000000')`,
    'cancel_due()',
    'model_health()',
    `job_input('00000000-0000-4000-8000-000000000000', 'u')`,
    `create_job('u', '{}', 1, 'k', 'h')`,
  ];
  const ada = await rules.user();
  for (const call of calls) {
    const asked = rules.asUser(ada, (run) => run(`select ${call}`));
    await expect(asked, call).rejects.toMatchObject({ code: '42501' });
  }
});
