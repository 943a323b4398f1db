import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRules, picture, type Rules } from './rules.ts';

let rules: Rules;
beforeAll(async () => {
  rules = await openRules();
});
afterAll(async () => {
  expect(await rules.audit()).toEqual([]);
  await rules.close();
});

const times = <T>(count: number, work: (at: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, at) => work(at)));

/** A completed job of this user with objects of its own, and its row in the gallery. */
async function completed(userId: string, input: object = {}) {
  const { job } = await rules.submit(userId, { input });
  const worker = await rules.worker();
  const { attempt } = await rules.claim(job.id, worker);
  const stem = `users/${userId}/jobs/${job.id}/${attempt}-abc`;
  const keys = [`${stem}.png`, `${stem}-thumb.webp`] as const;
  await rules.query('select complete_job($1, $2, $3, 3)', [
    job.id,
    attempt,
    JSON.stringify({
      ...picture,
      object_key: keys[0],
      thumbnail_key: keys[1],
      image_url: `https://cdn.test/${keys[0]}`,
      thumbnail_url: `https://cdn.test/${keys[1]}`,
    }),
  ]);
  const [image] = await rules.query('select * from generated_images where job_id = $1', [job.id]);
  return { jobId: job.id as string, imageId: image!.id as string, keys };
}

const cleaning = (run = rules.value) => run<any>('select take_cleaning(100)');

describe('a picture that is removed', () => {
  it("is gone with its objects to follow, and its job and everybody's money stay", async () => {
    const ada = await rules.user(10);
    const { jobId, imageId, keys } = await completed(ada);
    const before = await rules.job(jobId);
    await rules.query(
      `insert into custom_prompts (user_id, prompt_text, thumbnail_url, secondary_image_url)
        values ($1, 'x', $2, 'https://elsewhere.test/a.png')`,
      [ada, `https://another-host.test/${keys[1]}`],
    );
    expect(await rules.value('select delete_image($1, $2)', [ada, imageId])).toEqual(keys);
    expect(await rules.query('select * from generated_images where id = $1', [imageId])).toEqual([]);
    expect(await rules.job(jobId)).toEqual(before);
    expect(await rules.credits(ada)).toBe(7);
    expect(
      await rules.query('select thumbnail_url, secondary_image_url from custom_prompts where user_id = $1', [
        ada,
      ]),
    ).toEqual([{ thumbnail_url: null, secondary_image_url: 'https://elsewhere.test/a.png' }]);
    await rules.query('select confirm_removed($1)', [keys]);
  });

  it("is not another user's, and not removed twice", async () => {
    const [ada, boris] = [await rules.user(10), await rules.user(10)];
    const { imageId, keys } = await completed(ada);
    expect(await rules.value('select delete_image($1, $2)', [boris, imageId])).toBeNull();
    const answers = await times(5, () => rules.value('select delete_image($1, $2)', [ada, imageId]));
    expect(answers.filter((answer) => answer !== null)).toEqual([keys]);
    await rules.query('select confirm_removed($1)', [keys]);
  });

  it('leaves the objects of a row that only names an address alone', async () => {
    const ada = await rules.user(10);
    const victim = await completed(await rules.user(10));
    const id = await rules.value(
      'insert into generated_images (user_id, image_url, thumbnail_url) values ($1, $2, $2) returning id',
      [ada, `https://cdn.test/${victim.keys[0]}`],
    );
    expect(await rules.value('select delete_image($1, $2)', [ada, id])).toEqual([]);
  });

  it('has its objects handed to one remover at a time, and again later until that is confirmed', async () => {
    const ada = await rules.user(10);
    const { imageId, keys } = await completed(ada);
    await rules.query('select delete_image($1, $2)', [ada, imageId]);
    expect((await cleaning()).keys).toEqual([]);
    await rules.ahead('1 minute', async (run) => {
      const both = [await cleaning(run), await cleaning(run)].map((answer) => answer.keys.sort());
      expect(both).toEqual([[...keys].sort(), []]);
    });
    await rules.ahead('10 minutes', async (run) => {
      expect((await cleaning(run)).keys.sort()).toEqual([...keys].sort());
    });
    await rules.query('select confirm_removed($1)', [keys]);
    await rules.ahead('1 day', async (run) => expect((await cleaning(run)).keys).toEqual([]));
  });

  it('keeps the objects that an unfinished job starts from until that has ended', async () => {
    const ada = await rules.user(10);
    const { imageId, keys } = await completed(ada);
    const { job } = await rules.submit(ada, { input: { input_image_key: keys[0] } });
    expect(await rules.value('select delete_image($1, $2)', [ada, imageId])).toEqual([keys[1]]);
    await rules.ahead('1 minute', async (run) => expect((await cleaning(run)).keys).toEqual([keys[1]]));
    await rules.cancel(job.id, ada);
    await rules.ahead('1 minute', async (run) => expect((await cleaning(run)).keys).toEqual([keys[0]]));
    await rules.query('select confirm_removed($1)', [keys]);
  });
});

describe('an object that no row names', () => {
  const find = (keys: readonly string[], age = '25 hours', run = rules.value) =>
    run<string[]>(
      `select find_orphans((select jsonb_agg(jsonb_build_object('key', key, 'modified_at', now() - $2::interval)) from unnest($1::text[]) key))`,
      [keys, age],
    );

  it('is one a day later, and not before', async () => {
    const keys = [`users/u/uploads/${randomUUID()}.png`, `users/u/jobs/${randomUUID()}/1-abc-thumb.webp`];
    expect((await find(keys)).sort()).toEqual([...keys].sort());
    expect(await find(keys, '23 hours')).toEqual([]);
  });

  it('is none of another shape: whoever else writes to the bucket is left alone', async () => {
    const keys = [
      'users/u/avatar.png',
      'users/u/uploads/nested/a.png',
      'users/u/jobs/not-a-job/1-a.png',
      'images/a.png',
      `users/u/jobs/${randomUUID()}/a.png`,
      `users/u/uploads/${randomUUID()}`,
      `users/u%2f/uploads/${randomUUID()}.png`,
    ];
    expect(await find(keys)).toEqual([]);
  });

  it('is none while a gallery, a job or a prompt names it, by key or by address on any host', async () => {
    const ada = await rules.user(50);
    const [upload, thumbnail, secondary, shown, native] = Array.from(
      { length: 5 },
      () => `users/${ada}/uploads/${randomUUID()}.png`,
    );
    const { keys } = await completed(ada, { input_image_key: upload });
    await rules.query(
      'insert into custom_prompts (user_id, prompt_text, thumbnail_url, secondary_image_url) values ($1, $2, $3, $4)',
      [ada, 'x', `https://old.test/${thumbnail}`, `https://new.test/base/${secondary}?v=2`],
    );
    await rules.query('insert into generated_images (user_id, image_url) values ($1, $2)', [
      ada,
      `https://x.test/${shown}`,
    ]);
    await rules.query('insert into image_generation_jobs (user_id, output_image_url) values ($1, $2)', [
      ada,
      `https://x.test/${native}`,
    ]);
    const named = [...keys, upload, thumbnail, secondary, shown, native] as string[];
    expect(await find(named)).toEqual([]);
    await rules.query('delete from custom_prompts where user_id = $1', [ada]);
    expect((await find(named)).sort()).toEqual([thumbnail, secondary].sort());
  });

  it('is none while its job still runs, and one when another attempt has won', async () => {
    const ada = await rules.user(10);
    const { job } = await rules.submit(ada);
    const left = `users/${ada}/jobs/${job.id}/1-lost.png`;
    await rules.ahead('2 days', async (run) => expect(await find([left], '25 hours', run)).toEqual([]));
    await rules.cancel(job.id, ada);
    expect(await find([left])).toEqual([left]);
  });

  it('is looked for by one worker at a time, on from where the last turn ended', async () => {
    await rules.query('select end_orphan_turn(null)');
    await rules.ahead('2 hours', async (run) => {
      const turns = [await cleaning(run), await cleaning(run)].map((answer) => answer.orphans);
      expect(turns).toEqual([{ after: null }, null]);
      await run('select end_orphan_turn($1)', ['users/m']);
      expect((await cleaning(run)).orphans).toBeNull();
    });
    await rules.ahead('2 hours 2 minutes', async (run) => {
      expect((await cleaning(run)).orphans).toEqual({ after: 'users/m' });
      await run('select end_orphan_turn(null)');
    });
    // Whoever dies in its turn is followed after ten minutes.
    await rules.ahead('4 hours', async (run) =>
      expect((await cleaning(run)).orphans).toEqual({ after: null }),
    );
    await rules.ahead('4 hours 5 minutes', async (run) => expect((await cleaning(run)).orphans).toBeNull());
    await rules.ahead('4 hours 11 minutes', async (run) =>
      expect((await cleaning(run)).orphans).toEqual({ after: null }),
    );
  });
});

describe('a deleted account', () => {
  async function furnished() {
    const ada = await rules.user(30);
    const done = await completed(ada);
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

  it('leaves nothing that says who it was, ends what ran, and keeps the sums', async () => {
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

  it('is not made anew, and gets nothing new, by any door', async () => {
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

describe('what Stripe reports', () => {
  interface Event {
    id?: string;
    user_id?: string | null;
    customer?: string | null;
    created_at?: string;
    purchase?: object | null;
    subscription?: object | null;
  }
  const stripe = (event: Event) =>
    rules.value<any>('select take_stripe_event($1)', [
      JSON.stringify({
        id: `evt_${randomUUID()}`,
        type: 'test',
        created_at: '2026-01-01T00:00:00Z',
        customer: null,
        user_id: null,
        purchase: null,
        subscription: null,
        ...event,
      }),
    ]);
  const pack = (reference: string, credits = 100, unknown_prices: string[] = []) => ({
    reference,
    credits,
    reason: 'Bought',
    unknown_prices,
    note: null,
  });
  const newCustomer = () => `cus_${randomUUID().slice(0, 8)}`;
  const subscription = (userId: string) =>
    rules.query('select * from subscriptions where user_id = $1', [userId]).then((rows) => rows[0]);

  it('books what was paid once, however often and by however many events it is told', async () => {
    const ada = await rules.user(0);
    const reference = `stripe:session:${randomUUID()}`;
    const event = { id: `evt_${randomUUID()}`, user_id: ada, purchase: pack(reference) };
    const answers = await times(20, () => stripe(event));
    expect(answers.filter(({ repeated }) => !repeated)).toHaveLength(1);
    await times(5, () => stripe({ user_id: ada, purchase: pack(reference) }));
    expect(await rules.credits(ada)).toBe(100);
    expect(await rules.ledger(ada)).toMatchObject([{ kind: 'purchase', amount: 100, reference }]);
  });

  it('lets a payment wait whose user is not known yet, and books it when the customer is linked', async () => {
    const ada = await rules.user(0);
    const customer = newCustomer();
    const paid = stripe({ customer, purchase: pack(`stripe:invoice:${randomUUID()}`, 40) });
    expect(await paid).toMatchObject({ outcome: 'unknown_user' });
    expect(await stripe({ customer, user_id: ada })).toMatchObject({ outcome: 'applied' });
    expect(await rules.credits(ada)).toBe(40);
    expect(await rules.query(`select 1 from webhook_events where outcome = 'unknown_user'`)).toEqual([]);
    await stripe({ customer, purchase: pack(`stripe:invoice:${randomUUID()}`, 2) });
    expect(await rules.credits(ada)).toBe(42);
  });

  it('books once when payment and link arrive at the same moment', async () => {
    for (let round = 0; round < 10; round += 1) {
      const ada = await rules.user(0);
      const customer = newCustomer();
      const invoice = { customer, purchase: pack(`stripe:invoice:${randomUUID()}`, 7) };
      await Promise.all([stripe(invoice), stripe({ customer, user_id: ada }), stripe(invoice)]);
      expect(await rules.credits(ada)).toBe(7);
    }
  });

  it('books what waited once its user is made', async () => {
    const ada = `user_${randomUUID().slice(0, 8)}`;
    const event = { user_id: ada, purchase: pack(`stripe:session:${randomUUID()}`, 9) };
    expect(await stripe(event)).toMatchObject({ outcome: 'unknown_user' });
    await rules.query('select ensure_user($1, null, 0)', [ada]);
    await cleaning();
    expect(await rules.credits(ada)).toBe(9);
  });

  it('keeps a payment of an unknown price in sight until it is sent again with the price known', async () => {
    const ada = await rules.user(0);
    const id = `evt_${randomUUID()}`;
    const reference = `stripe:session:${randomUUID()}`;
    expect(await stripe({ id, user_id: ada, purchase: pack(reference, 0, ['price_x']) })).toMatchObject({
      outcome: 'unknown_price',
    });
    expect(await rules.query('select outcome, note from webhook_events where id = $1', [id])).toEqual([
      { outcome: 'unknown_price', note: 'not in STRIPE_PRICE_CREDITS: price_x' },
    ]);
    expect(await stripe({ id, user_id: ada, purchase: pack(reference, 30) })).toMatchObject({
      outcome: 'applied',
    });
    expect(await rules.credits(ada)).toBe(30);
  });

  it('gives a deleted account nothing and says so', async () => {
    const ada = await rules.user(0);
    const customer = newCustomer();
    await stripe({ customer, user_id: ada, subscription: { id: `sub_${ada}`, status: 'active', rank: 0 } });
    expect(await rules.value('select delete_user($1)', [ada])).toMatchObject({
      live_subscription: `sub_${ada}`,
    });
    expect(await stripe({ customer, purchase: pack(`stripe:invoice:${randomUUID()}`) })).toMatchObject({
      outcome: 'deleted_user',
    });
    expect(await subscription(ada)).toBeUndefined();
    expect(await rules.credits(ada)).toBe(0);
  });

  it('shows the latest state of a subscription in whatever order its events arrive', async () => {
    const states = [
      { created_at: '2026-01-01T00:00:00Z', status: 'incomplete', rank: 0 },
      { created_at: '2026-01-01T00:00:00Z', status: 'active', rank: 1 },
      { created_at: '2026-02-01T00:00:00Z', status: 'past_due', rank: 1 },
      { created_at: '2026-02-02T00:00:00Z', status: 'active', rank: 1 },
    ];
    const orders = [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [1, 3, 0, 2],
    ];
    for (const order of orders) {
      const ada = await rules.user(0);
      const customer = newCustomer();
      const send = (at: number) => {
        const { created_at, status, rank } = states[at]!;
        return stripe({
          user_id: ada,
          customer,
          created_at,
          subscription: {
            id: `sub_${ada}`,
            status,
            rank,
            price_id: 'price_a',
            current_period_end: '2027-01-01T00:00:00Z',
          },
        });
      };
      for (const at of order) await send(at);
      expect(await subscription(ada)).toMatchObject({
        status: 'active',
        price_id: 'price_a',
        stripe_customer_id: customer,
        stripe_subscription_id: `sub_${ada}`,
      });
    }
  });

  it('knows that a canceled subscription never comes back, and that the end of an old one ends no new one', async () => {
    const ada = await rules.user(0);
    const state = (id: string, status: string, day: number, rank = 1) =>
      stripe({
        user_id: ada,
        created_at: `2026-01-0${day}T00:00:00Z`,
        subscription: { id, status, rank, price_id: `price_${id}` },
      });
    await state(`old_${ada}`, 'active', 1);
    await state(`new_${ada}`, 'active', 2);
    await state(`old_${ada}`, 'canceled', 3, 2);
    expect(await subscription(ada)).toMatchObject({ status: 'active', stripe_subscription_id: `new_${ada}` });
    expect(await state(`old_${ada}`, 'active', 4)).toMatchObject({ outcome: 'stale' });
    await state(`new_${ada}`, 'canceled', 5, 2);
    expect(await subscription(ada)).toMatchObject({
      status: 'canceled',
      stripe_subscription_id: `new_${ada}`,
    });
  });

  it('does not let the end of another subscription hide one that only the native app has written', async () => {
    const ada = await rules.user(0);
    const customer = newCustomer();
    await rules.query(
      `insert into subscriptions (user_id, status, stripe_customer_id, stripe_subscription_id) values ($1, 'active', $2, 'sub_native')`,
      [ada, customer],
    );
    await stripe({ customer, subscription: { id: `sub_${ada}`, status: 'canceled', rank: 2 } });
    expect(await subscription(ada)).toMatchObject({ status: 'active', stripe_subscription_id: 'sub_native' });
    await stripe({
      customer,
      created_at: '2026-05-01T00:00:00Z',
      subscription: { id: `sub_${ada}_2`, status: 'active', rank: 0 },
    });
    expect(await subscription(ada)).toMatchObject({ stripe_subscription_id: `sub_${ada}_2` });
  });
});

it("opens none of this to a user's own role", async () => {
  const ada = await rules.user(0);
  for (const sql of [
    `select delete_user('x')`,
    `select delete_image('x', gen_random_uuid())`,
    `select confirm_removed('{}')`,
    'select take_cleaning()',
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
