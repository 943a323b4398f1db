import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { times } from '../../support/times.ts';
import { useRules } from './rules.ts';

const rules = useRules();

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

  it('books a payment once, however many events report it', async () => {
    const ada = await rules.user(0);
    const reference = `stripe:session:${randomUUID()}`;
    const event = { id: `evt_${randomUUID()}`, user_id: ada, purchase: pack(reference) };
    const answers = await times(20, () => stripe(event));
    expect(answers.filter(({ repeated }) => !repeated)).toHaveLength(1);
    await times(5, () => stripe({ user_id: ada, purchase: pack(reference) }));
    expect(await rules.credits(ada)).toBe(100);
    expect(await rules.ledger(ada)).toMatchObject([{ kind: 'purchase', amount: 100, reference }]);
  });

  it('keeps a payment of an unknown user, and books it when the customer is linked', async () => {
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
    await rules.query('select claim_removals()');
    expect(await rules.credits(ada)).toBe(9);
  });

  it('keeps a payment of an unknown price listed until it is replayed with the price known', async () => {
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
