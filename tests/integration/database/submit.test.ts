import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { openPlans } from './plans.ts';
import { openRules, useRules } from './rules.ts';

const rules = useRules();

it('debits and makes the job in one step, and says what is left', async () => {
  const user = await rules.user(10);
  const accepted = await rules.submit(user, { price: 4 });
  expect(accepted).toMatchObject({ balance: 6, charged: 4, replayed: false, delivery: 1 });
  expect(accepted.job).toMatchObject({
    user_id: user,
    status: 'pending',
    stage: 'queued',
    progress: 0,
    version: 1,
    receipt: { charged: 4, refunded: 0, net: 4 },
  });
  expect(accepted.job).not.toHaveProperty('managed');
  expect(await rules.credits(user)).toBe(6);
  expect((await rules.ledger(user)).map((row) => [row.kind, row.amount, row.balance_after])).toEqual([
    ['signup', 10, 10],
    ['job_debit', -4, 6],
  ]);
});

it('makes an unknown user with the welcome credits, which the job is paid from', async () => {
  const user = `user_${randomUUID()}`;
  const accepted = await rules.submit(user, { price: 3 });
  expect(accepted.balance).toBe(2);
  const row = (await rules.query('select * from users where id = $1', [user]))[0]!;
  expect(row).toMatchObject({ credits: 2, email: `${user}@users.invalid` });
});

it('answers fifty submissions of one key at once with one job and one debit', async () => {
  const user = await rules.user(100);
  const key = randomUUID();
  const answers = await Promise.all(Array.from({ length: 50 }, () => rules.submit(user, { key })));
  expect(new Set(answers.map((answer) => answer.job.id)).size).toBe(1);
  expect(answers.filter((answer) => !answer.replayed)).toHaveLength(1);
  expect(await rules.credits(user)).toBe(97);
});

it('replays a key before it looks at balance and limits, also after the job has ended', async () => {
  const user = await rules.user(3);
  const key = randomUUID();
  const first = await rules.submit(user, { key });
  const worker = await rules.worker();
  const { attempt } = await rules.claim(first.job.id, worker);
  await rules.complete(first.job.id, attempt);
  const again = await rules.submit(user, { key, max: 0 });
  expect(again).toMatchObject({ replayed: true, balance: 0, charged: 3 });
  expect(again.job).toMatchObject({ id: first.job.id, status: 'completed' });
});

it('refuses a key that comes with another request, and keeps keys of different users apart', async () => {
  const [ada, boris] = [await rules.user(), await rules.user()];
  const key = randomUUID();
  const first = await rules.submit(ada, { key, hash: 'one' });
  await expect(rules.submit(ada, { key, hash: 'two' })).rejects.toMatchObject({ code: 'DR422' });
  const other = await rules.submit(boris, { key, hash: 'two' });
  expect(other.job.id).not.toBe(first.job.id);
});

it('forgets a key after 48 hours', async () => {
  const user = await rules.user();
  const key = randomUUID();
  const first = await rules.submit(user, { key });
  await rules.ahead('49 hours', async (run) => {
    const later = await run(`select create_job($1, '{"prompt":"x"}', 1, $2, 'another')`, [user, key]);
    expect(later.job.id).not.toBe(first.job.id);
  });
});

it('accepts exactly as many of twenty parallel jobs as the credits pay for', async () => {
  const user = await rules.user(7);
  const answers = await Promise.allSettled(
    Array.from({ length: 20 }, () => rules.submit(user, { price: 3 })),
  );
  expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(2);
  for (const answer of answers) if (answer.status === 'rejected') expect(answer.reason.code).toBe('DR402');
  expect(await rules.credits(user)).toBe(1);
});

it('keeps no trace of a refused job', async () => {
  const user = await rules.user(2);
  const key = randomUUID();
  await expect(rules.submit(user, { price: 3, key })).rejects.toMatchObject({
    code: 'DR402',
    detail: expect.stringContaining('"balance": 2'),
  });
  expect(await rules.query('select * from idempotency_keys where key = $1', [key])).toEqual([]);
  await rules.query(`select grant_credits($1, 5, $2, 'top-up')`, [user, randomUUID()]);
  expect((await rules.submit(user, { price: 3, key })).replayed).toBe(false);
});

it('holds the number of active jobs of a user, also in parallel', async () => {
  const user = await rules.user();
  const answers = await Promise.allSettled(Array.from({ length: 10 }, () => rules.submit(user, { max: 4 })));
  expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(4);
  for (const answer of answers) if (answer.status === 'rejected') expect(answer.reason.code).toBe('DR429');
});

it('sends a saved prompt as it is, and only to its owner', async () => {
  const [ada, boris] = [await rules.user(), await rules.user()];
  const id = await rules.value(
    `insert into custom_prompts (user_id, prompt_text) values ($1, 'a {subject} at dawn') returning id`,
    [ada],
  );
  const input = { prompt: null, custom_prompt_id: id };
  expect((await rules.submit(ada, { input })).job).toMatchObject({
    prompt: 'a {subject} at dawn',
    custom_prompt_id: id,
  });
  await expect(rules.submit(boris, { input })).rejects.toMatchObject({ code: 'DR423' });
});

it('takes free jobs without a movement', async () => {
  const user = await rules.user(0);
  expect((await rules.submit(user, { price: 0 })).balance).toBe(0);
  expect(await rules.ledger(user)).toEqual([]);
});

it('the active jobs of a user are counted among their own, whatever the planner knew of the table', async () => {
  const fresh = await openRules();
  const plans = await openPlans(fresh.pool);
  const planned = async () => {
    const all = await plans.of(
      `select create_job('ada', '{"prompt": "a fox"}', 0, gen_random_uuid()::text, 'h')`,
    );
    return all.find((plan) => plan.includes('Aggregate') && plan.includes('image_generation_jobs'));
  };
  try {
    const own = /using jobs_unfinished_of_user .*\n\s*Index Cond: \(user_id = /;
    expect(await planned()).toMatch(own);
    // Few among many that have ended.
    await fresh.query(
      `select create_job('user_' || n, '{"prompt": "a fox"}', 0, 'key', 'h') from generate_series(1, 400) n`,
    );
    await fresh.query('select cancel_job(id, user_id) from image_generation_jobs');
    await fresh.query('vacuum analyze');
    expect(await planned()).toMatch(own);
  } finally {
    plans.close();
    await fresh.close();
  }
});
