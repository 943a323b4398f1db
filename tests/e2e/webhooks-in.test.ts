import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { UserEventType } from '@darkroom/local/clerk/webhooks';
import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { type DeploymentUser, sharedStripe, useSharedDeployment } from '../support/deployment.ts';
import { times } from '../support/times.ts';

const deployment = useSharedDeployment();

const emailOf = async (user: DeploymentUser) => (await user.get('/v1/me')).body.email;

describe('from Clerk', () => {
  const send = async (
    type: UserEventType,
    user: { id: string; email?: string | null; at?: Date },
    options: { id?: string; at?: Date } = {},
  ) => {
    const { webhooks } = deployment.stack.parts.clerk!;
    const response = await webhooks.send(
      `${deployment.stack.api.url}/webhooks/clerk`,
      webhooks.userEvent(type, user),
      options,
    );
    return { status: response.status, body: (await response.json()) as any };
  };

  it('an email address is set once, the latest wins, and none is taken from another user', async () => {
    const [ada, boris] = [await deployment.user('ada'), await deployment.user('boris')];
    const first = { id: `msg_${randomUUID()}` };
    const email = `${ada.id}@one.test`;
    const replies = await times(20, () =>
      send('user.created', { id: ada.id, email, at: new Date(1_000) }, first),
    );
    for (const reply of replies)
      expect(reply).toEqual({ status: 200, body: { received: true, outcome: 'applied' } });
    expect(await emailOf(ada)).toBe(email);
    expect(await ada.credits()).toBe(20);

    await send('user.updated', { id: ada.id, email: `${ada.id}@three.test`, at: new Date(3_000) });
    const late = await send('user.updated', { id: ada.id, email: `${ada.id}@two.test`, at: new Date(2_000) });
    expect(late.body.outcome).toBe('stale');
    expect(await emailOf(ada)).toBe(`${ada.id}@three.test`);

    const taken = await send('user.created', { id: boris.id, email: `${ada.id}@three.test` });
    expect(taken.body.outcome).toBe('email_taken');
    expect(await emailOf(boris)).toBe(`${boris.id}@users.invalid`);
  });

  it('a deletion removes the user and their images, ends running jobs, and rejects the token', async () => {
    const ada = await deployment.user('ada');
    await send('user.created', { id: ada.id, email: `${ada.id}@example.com` });
    const { job } = await ada.ended(
      (await ada.submit({ prompt: 'very private', metadata: { who: 'ada' } })).id,
    );
    await ada.post('/v1/prompts', { prompt_text: 'private too' });
    const running = await ada.submit({ prompt: 'still running [latency: 15s]' });
    await ada.until(running.id, ({ stage }) => stage === 'generating');
    const upload = await ada.post('/v1/uploads', { content_type: 'image/png', content_length: 4 });
    await fetch(upload.body.url, { method: 'PUT', headers: upload.body.headers, body: 'mine' });
    const urls = [
      job.output_image_url!,
      job.thumbnail_url!,
      `${deployment.stack.variables.R2_PUBLIC_URL}/${upload.body.key}`,
    ];
    for (const url of urls) expect((await fetch(url)).status).toBe(200);
    const movements = (await ada.get('/v1/credits/ledger')).body.data.length;

    const event = { id: `msg_${randomUUID()}` };
    const replies = await times(20, () => send('user.deleted', { id: ada.id }, event));
    for (const reply of replies) expect(reply).toMatchObject({ status: 200, body: { outcome: 'applied' } });

    for (const path of ['/v1/me', '/v1/jobs', '/v1/images', '/v1/prompts', '/v1/credits/ledger']) {
      expect(await ada.get(path), path).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    }
    expect((await ada.post('/v1/jobs', { prompt: 'again' })).status).toBe(401);
    const inserted = await ada.supabase().from('users').insert({ id: ada.id, email: 'x', credits: 5 });
    expect(inserted.error).not.toBeNull();

    const left = await deployment.query(
      'select to_jsonb(j)::text as row from image_generation_jobs j where user_id = $1',
      [ada.id],
    );
    expect(left.map(({ row }) => row).join()).not.toMatch(/private|ada@|cdn|uploads|still running|"who"/);
    expect(await deployment.query('select email, credits from users where id = $1', [ada.id])).toEqual([
      { email: `${ada.id}@users.invalid`, credits: 0 },
    ]);
    const [ended] = await deployment.query(
      'select status, receipt from image_generation_jobs where id = $1',
      [running.id],
    );
    expect(ended).toMatchObject({ status: 'canceled', receipt: { net: 0 } });
    // The refund, and the balance booked out.
    expect(await deployment.query('select 1 from credit_ledger where user_id = $1', [ada.id])).toHaveLength(
      movements + 2,
    );
    expect(await deployment.query('select * from credit_audit')).toEqual([]);

    const deadline = performance.now() + 60_000;
    for (const url of urls) {
      while ((await fetch(url)).status === 200) {
        if (performance.now() > deadline) throw new Error(`still there: ${url}`);
        await sleep(300);
      }
    }
    expect((await send('user.updated', { id: ada.id, email: 'back@example.com' })).body.outcome).toBe(
      'ignored',
    );
  }, 120_000);

  it('another process refuses a deleted account soon', async () => {
    const second = await deployment.addApi();
    const ada = await deployment.user('ada');
    const me = () => fetch(`${second.url}/v1/jobs`, { headers: { authorization: `Bearer ${ada.token}` } });
    await ada.credits();
    expect((await me()).status).toBe(200);
    await send('user.deleted', { id: ada.id });
    const deadline = performance.now() + 20_000;
    while ((await me()).status !== 401) {
      if (performance.now() > deadline) throw new Error('still let in');
      await sleep(300);
    }
  }, 60_000);

  it('a forged event and an old one change nothing', async () => {
    const ada = await deployment.user('ada');
    await ada.credits();
    const old = await send('user.deleted', { id: ada.id }, { at: new Date(Date.now() - 600_000) });
    const { webhooks } = deployment.stack.parts.clerk!;
    const signed = webhooks.sign(webhooks.userEvent('user.deleted', { id: 'user_nobody' }));
    const forged = await deployment.request('POST', '/webhooks/clerk', {
      headers: signed.headers,
      body: signed.body.replace('user_nobody', ada.id),
    });
    const bare = await deployment.request('POST', '/webhooks/clerk', { body: {} });
    for (const reply of [old, forged, bare])
      expect(reply).toMatchObject({ status: 400, body: { code: 'invalid_signature' } });
    expect((await ada.get('/v1/me')).status).toBe(200);
  });
});

describe('from Stripe', () => {
  const sign = (payload: string, options: { secret?: string; at?: number } = {}) =>
    Stripe.webhooks.generateTestHeaderString({
      payload,
      secret: options.secret ?? sharedStripe.STRIPE_WEBHOOK_SECRET,
      timestamp: options.at ?? Math.floor(Date.now() / 1_000),
    });
  const event = (
    type: string,
    object: object,
    { id = `evt_${randomUUID()}`, created = 1_767_225_600 } = {},
  ) => ({
    id,
    object: 'event',
    type,
    created,
    data: { object },
  });
  const send = (what: object, options: { secret?: string; at?: number } = {}) => {
    // As Stripe writes it: indented. The signature is over the bytes.
    const body = JSON.stringify(what, null, 2);
    return deployment.request('POST', '/webhooks/stripe', {
      body,
      headers: { 'stripe-signature': sign(body, options) },
    });
  };
  const checkout = (userId: string | null, changes: object = {}) => ({
    id: `cs_${randomUUID()}`,
    object: 'checkout.session',
    mode: 'payment',
    payment_status: 'paid',
    customer: null,
    client_reference_id: userId,
    metadata: { price_id: 'price_pack' },
    ...changes,
  });
  const invoice = (customer: string, changes: object = {}) => ({
    id: `in_${randomUUID()}`,
    object: 'invoice',
    customer,
    billing_reason: 'subscription_cycle',
    lines: { data: [{ amount: 900, quantity: 1, pricing: { price_details: { price: 'price_plan' } } }] },
    parent: { subscription_details: { subscription: 'sub_1', metadata: {} } },
    ...changes,
  });
  const subscription = (id: string, customer: string, status: string, changes: object = {}) => ({
    id,
    object: 'subscription',
    customer,
    status,
    metadata: {},
    items: { data: [{ price: { id: 'price_plan' }, current_period_end: 1_798_761_600 }] },
    ...changes,
  });
  const outcomeOf = async (id: string) =>
    (await deployment.query('select outcome, note from webhook_events where id = $1', [id]))[0];

  it('a payment grants its credits once, though its event arrives twenty times at once', async () => {
    const ada = await deployment.user('ada');
    await ada.credits();
    const session = checkout(ada.id);
    const paid = event('checkout.session.completed', session);
    for (const reply of await times(20, () => send(paid))) {
      expect(reply).toMatchObject({ status: 200, body: { received: true, outcome: 'applied' } });
    }
    await send(event('checkout.session.async_payment_succeeded', session));
    expect(await ada.credits()).toBe(120);
    const [latest] = (await ada.get('/v1/credits/ledger')).body.data;
    expect(latest).toMatchObject({
      kind: 'purchase',
      amount: 100,
      reference: `stripe:session:${session.id}`,
    });
  });

  it('a pending payment grants nothing until it has succeeded', async () => {
    const ada = await deployment.user('ada');
    await ada.credits();
    const session = checkout(ada.id, { payment_status: 'unpaid' });
    await send(event('checkout.session.completed', session));
    expect(await ada.credits()).toBe(20);
    await send(event('checkout.session.async_payment_succeeded', { ...session, payment_status: 'paid' }));
    expect(await ada.credits()).toBe(120);
  });

  it('a subscription is shown and credited whatever the order of its events', async () => {
    const states = (user: string, customer: string, id: string) => [
      event('checkout.session.completed', checkout(user, { mode: 'subscription', customer, metadata: {} })),
      event('invoice.paid', invoice(customer)),
      event('customer.subscription.created', subscription(id, customer, 'incomplete'), {
        created: 1_767_225_600,
      }),
      event('customer.subscription.updated', subscription(id, customer, 'active'), {
        created: 1_767_225_600,
      }),
      event('invoice.paid', invoice(customer)),
    ];
    for (const order of [
      [0, 1, 2, 3, 4],
      [4, 3, 2, 1, 0],
      [1, 3, 4, 0, 2],
    ]) {
      const ada = await deployment.user('ada');
      await ada.credits();
      const events = states(ada.id, `cus_${randomUUID()}`, `sub_${randomUUID()}`);
      for (const at of order) expect((await send(events[at]!)).status).toBe(200);
      for (const at of [...order].reverse()) expect((await send(events[at]!)).status).toBe(200);
      expect((await ada.get('/v1/me')).body).toMatchObject({
        credits: 80,
        subscription: {
          status: 'active',
          price_id: 'price_plan',
          current_period_end: '2027-01-01T00:00:00+00:00',
        },
      });
    }
  });

  it('a subscription that ended stays ended when an older event comes late', async () => {
    const ada = await deployment.user('ada');
    await ada.credits();
    const [customer, id] = [`cus_${randomUUID()}`, `sub_${randomUUID()}`];
    const of = (status: string) => subscription(id, customer, status, { metadata: { user_id: ada.id } });
    await send(event('customer.subscription.deleted', of('canceled'), { created: 1_767_300_000 }));
    const late = await send(event('customer.subscription.updated', of('active'), { created: 1_767_200_000 }));
    expect(late.body.outcome).toBe('stale');
    expect((await ada.get('/v1/me')).body.subscription.status).toBe('canceled');
  });

  it('a payment that cannot be credited stays visible to operators', async () => {
    const ada = await deployment.user('ada');
    await ada.credits();
    const strange = event(
      'checkout.session.completed',
      checkout(ada.id, { metadata: { price_id: 'price_new' } }),
    );
    expect((await send(strange)).status).toBe(200);
    expect(await outcomeOf(strange.id)).toEqual({
      outcome: 'unknown_price',
      note: 'not in STRIPE_PRICE_CREDITS: price_new',
    });
    const nobodys = event('checkout.session.completed', checkout(null));
    expect((await send(nobodys)).status).toBe(200);
    expect(await outcomeOf(nobodys.id)).toMatchObject({ outcome: 'unknown_user' });
    expect(await ada.credits()).toBe(20);
  });

  it('forged, changed and old events are refused, unknown ones are ignored', async () => {
    const ada = await deployment.user('ada');
    await ada.credits();
    const paid = event('checkout.session.completed', checkout(ada.id));
    const body = JSON.stringify(paid);
    const replies = [
      await send(paid, { secret: 'whsec_guess' }),
      await send(paid, { at: Math.floor(Date.now() / 1_000) - 600 }),
      await deployment.request('POST', '/webhooks/stripe', {
        body: body.replace('price_pack', 'price_plan'),
        headers: { 'stripe-signature': sign(body) },
      }),
      await deployment.request('POST', '/webhooks/stripe', { body }),
    ];
    for (const reply of replies)
      expect(reply).toMatchObject({ status: 400, body: { code: 'invalid_signature' } });
    expect(await ada.credits()).toBe(20);
    expect(await send(event('charge.refunded', { id: 'ch_1' }))).toMatchObject({
      status: 200,
      body: { outcome: 'ignored' },
    });
  });
});
