import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { times } from '../../support/times.ts';
import { completed } from './completed.ts';
import { useRules } from './rules.ts';

const rules = useRules();

const cleaning = (run = rules.value) => run<any>('select claim_removals(100)');

describe('a deleted account', () => {
  async function furnished() {
    const ada = await rules.user(30);
    const done = await completed(rules, ada);
    const running = (await rules.submit(ada, { input: { metadata: { who: 'ada' } } })).job.id;
    await rules.claim(running, await rules.worker());
    await rules.submit(ada);
    await rules.query(`update users set email = $1 || '@example.com' where id = $1`, [ada]);
    await rules.query(`insert into custom_prompts (user_id, prompt_text) values ($1, 'secret')`, [ada]);
    await rules.query(
      `insert into generated_images (user_id, image_url) values ($1, 'https://x.test/1.png')`,
      [ada],
    );
    await rules.query(
      `insert into image_generation_jobs (user_id, output_image_url, error_message) values ($1, 'https://x.test/2.png', 'secret')`,
      [ada],
    );
    return { ada, done, running };
  }

  it('leaves no personal data, ends running jobs, and keeps the totals', async () => {
    const { ada, running } = await furnished();
    const earlier = await rules.ledger(ada);
    expect(await rules.value('select delete_user($1)', [ada])).toEqual({
      canceled: 2,
      left: false,
      live_subscription: null,
    });
    for (const table of ['custom_prompts', 'generated_images', 'subscriptions', 'idempotency_keys']) {
      expect(await rules.query(`select * from ${table} where user_id = $1`, [ada])).toEqual([]);
    }
    expect(await rules.query('select email, credits from users where id = $1', [ada])).toEqual([
      { email: `${ada}@users.invalid`, credits: 0 },
    ]);
    const jobs = await rules.query('select * from image_generation_jobs where user_id = $1', [ada]);
    expect(jobs).toHaveLength(3);
    for (const job of jobs) {
      expect(job).toMatchObject({ prompt: null, metadata: null, input_image_key: null, thumbnail_url: null });
      expect([null, 'urn:darkroom:erased']).toContain(job.output_image_url);
    }
    expect(await rules.job(running)).toMatchObject({ status: 'canceled', receipt: { net: 0 } });
    const ledger = await rules.ledger(ada);
    expect(ledger.slice(0, earlier.length)).toEqual(earlier);
    expect(ledger.at(-1)).toMatchObject({ kind: 'adjustment', amount: -27, balance_after: 0 });
    expect(await rules.audit()).toEqual([]);
  });

  it('can be deleted again, by many at once and before it was ever seen', async () => {
    const { ada } = await furnished();
    await times(8, () => rules.value('select delete_user($1)', [ada]));
    const movements = (await rules.ledger(ada)).length;
    await rules.value('select delete_user($1)', [ada]);
    expect((await rules.ledger(ada)).length).toBe(movements);
    await rules.value('select delete_user($1)', ['user_never_seen']);
    await expect(rules.query(`select ensure_user('user_never_seen')`)).rejects.toMatchObject({
      code: 'DR401',
    });
  });

  it('is not created again and gets nothing new, through any function', async () => {
    const ada = await rules.user(30);
    await rules.query('select delete_user($1)', [ada]);
    const gone = { code: 'DR401' };
    await expect(rules.query('select ensure_user($1)', [ada])).rejects.toMatchObject(gone);
    await expect(rules.submit(ada, { price: 0 })).rejects.toMatchObject(gone);
    for (const sql of [
      `insert into custom_prompts (user_id, prompt_text) values ($1, 'x')`,
      `insert into generated_images (user_id, image_url) values ($1, 'x')`,
      'insert into image_generation_jobs (user_id) values ($1)',
    ]) {
      await expect(rules.asUser(ada, (run) => run(sql, [ada]))).rejects.toMatchObject(gone);
    }
    expect(await rules.value('select is_user_deleted($1)', [ada])).toBe(true);
    expect(await rules.value('select is_user_deleted($1)', [await rules.user()])).toBe(false);
  });

  it('holds against submissions that race it: none is left running, nothing is lost', async () => {
    const ada = await rules.user(1_000);
    await Promise.allSettled([
      ...Array.from({ length: 15 }, () => rules.submit(ada)),
      rules.query('select delete_user($1)', [ada]),
      ...Array.from({ length: 15 }, () => rules.submit(ada)),
    ]);
    await rules.query('select delete_user($1)', [ada]);
    await rules.query('select continue_erasure($1, false)', [ada]);
    expect(
      await rules.query(`select * from image_generation_jobs where user_id = $1 and completed_at is null`, [
        ada,
      ]),
    ).toEqual([]);
    expect(await rules.credits(ada)).toBe(0);
  });

  it('goes on in steps until its rows and objects are gone, with a last look after 20 minutes', async () => {
    const ada = await rules.user(10);
    await rules.query(
      `insert into custom_prompts (user_id, prompt_text) select $1, 'x' from generate_series(1, 2500)`,
      [ada],
    );
    expect(await rules.value('select delete_user($1)', [ada])).toMatchObject({ left: true });
    expect((await cleaning()).user_ids).toContain(ada);
    expect((await cleaning()).user_ids).not.toContain(ada);
    expect(await rules.value('select continue_erasure($1, true)', [ada])).toBe(false);
    expect((await cleaning()).user_ids).toContain(ada);
    expect(await rules.value('select continue_erasure($1, false)', [ada])).toBe(false);
    expect(await rules.query('select * from custom_prompts where user_id = $1', [ada])).toEqual([]);
    expect((await cleaning()).user_ids).not.toContain(ada);
    await rules.ahead('21 minutes', async (run) => {
      expect((await cleaning(run)).user_ids).toContain(ada);
      expect(await run('select continue_erasure($1, false)', [ada])).toBe(true);
    });
    await rules.ahead('1 day', async (run) => expect((await cleaning(run)).user_ids).not.toContain(ada));
    await expect(rules.query(`select continue_erasure('user_alive', false)`)).rejects.toMatchObject({
      code: 'DR404',
    });
  });
});

describe('what Clerk reports', () => {
  const clerk = (event: object, run = rules.value) =>
    run<any>('select take_clerk_event($1)', [
      JSON.stringify({
        id: randomUUID(),
        type: 'user.updated',
        created_at: '2026-01-01T00:00:00Z',
        changed_at: '2026-01-01T00:00:00Z',
        email: null,
        ...event,
      }),
    ]);
  const email = (userId: string) => rules.value('select email from users where id = $1', [userId]);
  const newId = () => `user_${randomUUID().slice(0, 8)}`;

  it('gives a user its address, once, and the latest one whatever the order', async () => {
    const ada = newId();
    const first = { id: randomUUID(), type: 'user.created', user_id: ada, email: `${ada}@one.test` };
    const answers = await times(20, () => clerk(first));
    expect(answers.filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(await email(ada)).toBe(`${ada}@one.test`);
    expect(await rules.credits(ada)).toBe(5);

    const at = (day: number) => ({ user_id: ada, changed_at: `2026-02-0${day}T00:00:00Z` });
    expect(await clerk({ ...at(3), email: `${ada}@three.test` })).toMatchObject({ outcome: 'applied' });
    expect(await clerk({ ...at(2), email: `${ada}@two.test` })).toMatchObject({ outcome: 'stale' });
    expect(await email(ada)).toBe(`${ada}@three.test`);
    expect(await clerk({ ...at(4), email: null })).toMatchObject({ outcome: 'applied' });
    expect(await email(ada)).toBe(`${ada}@three.test`);
  });

  it('never takes an address from another', async () => {
    const [ada, boris] = [newId(), newId()];
    const shared = `${ada}@shared.test`;
    const outcomes = await Promise.all([
      clerk({ user_id: ada, email: shared }),
      clerk({ user_id: boris, email: shared }),
    ]);
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['applied', 'email_taken']);
    expect(await rules.query('select 1 from users where email = $1', [shared])).toHaveLength(1);
  });

  it('deletes an account for good, also when that arrives first', async () => {
    const ada = newId();
    expect(await clerk({ type: 'user.deleted', user_id: ada })).toMatchObject({ outcome: 'applied' });
    expect(await clerk({ type: 'user.created', user_id: ada, email: 'a@b.test' })).toMatchObject({
      outcome: 'ignored',
    });
    expect(await email(ada)).toBeUndefined();
  });
});

it("opens none of this to a user's own role", async () => {
  const ada = await rules.user(0);
  for (const sql of [
    `select delete_user('x')`,
    `select delete_image('x', gen_random_uuid())`,
    `select confirm_removed('{}')`,
    'select claim_removals()',
    `select continue_erasure('x', false)`,
    `select find_orphans('[]')`,
    'select end_orphan_turn(null)',
    `select take_clerk_event('{}')`,
    `select take_stripe_event('{}')`,
    `select is_user_deleted('x')`,
    'select * from webhook_events',
    'select * from darkroom.object_removals',
    'select * from darkroom.stripe_customers',
  ]) {
    await expect(
      rules.asUser(ada, (run) => run(sql)),
      sql,
    ).rejects.toMatchObject({ code: '42501' });
  }
});
