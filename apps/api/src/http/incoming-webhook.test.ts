import { randomBytes } from 'node:crypto';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import { Webhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { createTestApi } from '../testing/test-api.ts';

const clerkSecret = `whsec_${randomBytes(24).toString('base64')}`;
const stripeSecret = `whsec_${randomBytes(24).toString('hex')}`;

const secrets = { clerkWebhookSecret: clerkSecret, stripeWebhookSecret: stripeSecret };

async function setUp(overrides: Parameters<typeof createTestApi>[0] = secrets) {
  const api = await createTestApi({ priceCredits: { price_a: 10 }, ...overrides });
  const post = async (path: string, body: string, headers: Record<string, string>) => {
    const response = await api.app.request(path, { method: 'POST', body, headers });
    return { status: response.status, body: (await response.json()) as any, headers: response.headers };
  };
  return {
    ...api,
    clerk(event: object, { at = new Date(), secret = clerkSecret, sent = JSON.stringify(event) } = {}) {
      const signature = new Webhook(secret).sign('msg_1', at, JSON.stringify(event));
      const timestamp = String(Math.floor(at.getTime() / 1_000));
      return post('/webhooks/clerk', sent, {
        'svix-id': 'msg_1',
        'svix-timestamp': timestamp,
        'svix-signature': signature,
      });
    },
    stripe(event: object, { at = new Date(), secret = stripeSecret, sent = JSON.stringify(event) } = {}) {
      const payload = JSON.stringify(event);
      const timestamp = Math.floor(at.getTime() / 1_000);
      const header = Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
      return post('/webhooks/stripe', sent, { 'stripe-signature': header });
    },
    post,
  };
}

const userEvent = (type: string, data: object) => ({
  type,
  object: 'event',
  timestamp: 1_767_225_600_000,
  data,
});
const address = (status: string) => ({
  id: 'user_alice',
  primary_email_address_id: 'idn_1',
  email_addresses: [
    { id: 'idn_0', email_address: 'other@example.com', verification: { status: 'verified' } },
    { id: 'idn_1', email_address: 'alice@example.com', verification: { status } },
  ],
  updated_at: 1_767_225_601_000,
});

describe('an event from Clerk', () => {
  test('is stored with the verified primary address', async () => {
    const { clerk, db } = await setUp();
    const reply = await clerk(userEvent('user.created', address('verified')));
    expect(reply).toMatchObject({ status: 200, body: { received: true, outcome: 'applied' } });
    expect(db.events).toEqual([
      {
        id: 'msg_1',
        type: 'user.created',
        createdAt: '2026-01-01T00:00:00.000Z',
        userId: 'user_alice',
        email: 'alice@example.com',
        changedAt: '2026-01-01T00:00:01.000Z',
      },
    ]);
    await clerk(userEvent('user.updated', address('unverified')));
    expect(db.events[1]).toMatchObject({ email: null });
  });

  test('locks a deleted account out at once', async () => {
    const { clerk, deleted } = await setUp();
    await clerk(userEvent('user.deleted', { id: 'user_alice', object: 'user', deleted: true }));
    expect(deleted).toEqual(['user_alice']);
  });

  test('is ignored if it is not about users', async () => {
    const { clerk, db } = await setUp();
    const reply = await clerk(userEvent('session.created', { id: 'sess_1' }));
    expect(reply).toMatchObject({ status: 200, body: { outcome: 'ignored' } });
    expect(db.events).toEqual([]);
  });
});

test('an event from Stripe is stored, and logged as an alert if an operator must act', async () => {
  const { stripe, db, log } = await setUp();
  const session = { id: 'cs_1', mode: 'payment', payment_status: 'paid', client_reference_id: 'user_alice' };
  const event = (price_id: string) => ({
    id: 'evt_1',
    object: 'event',
    type: 'checkout.session.completed',
    created: 1,
    data: { object: { ...session, metadata: { price_id } } },
  });
  expect(await stripe(event('price_a'))).toMatchObject({ status: 200, body: { outcome: 'applied' } });
  expect(await stripe(event('price_b'))).toMatchObject({ status: 200, body: { outcome: 'unknown_price' } });
  expect(await stripe({ ...event('x'), type: 'charge.refunded' })).toMatchObject({
    body: { outcome: 'ignored' },
  });
  expect(db.events).toHaveLength(2);
  expect(log.told.map(({ name }) => name).filter((name) => name.startsWith('webhook'))).toEqual([
    'webhook_received',
    'webhook_unresolved',
  ]);
});

const event = { ...userEvent('user.deleted', { id: 'user_alice' }), id: 'evt_1', created: 1 };

describe.each(['clerk', 'stripe'] as const)('the webhook of %s', (source) => {
  test('rejects forgeries: another secret, another body, an old signature, none at all', async () => {
    const api = await setUp();
    const minutes = 60_000;
    const replies = [
      await api[source](event, { secret: `whsec_${randomBytes(24).toString('base64')}` }),
      await api[source](event, { sent: JSON.stringify({ ...event, id: 'evt_2' }) }),
      await api[source](event, { sent: `${JSON.stringify(event)} ` }),
      await api[source](event, { at: new Date(Date.now() - 6 * minutes) }),
      await api.post(`/webhooks/${source}`, JSON.stringify(event), {}),
    ];
    for (const reply of replies) {
      expect(reply).toMatchObject({ status: 400, body: { code: 'invalid_signature' } });
      expect(reply.headers.get('content-type')).toBe('application/problem+json');
    }
    expect(api.db.events).toEqual([]);
    expect(api.log.told.filter(({ name }) => name === 'webhook_rejected')).toHaveLength(replies.length);
  });

  test('responds with 503 until its secret is set, so that the sender retries', async () => {
    const api = await setUp({});
    expect(await api[source](event)).toMatchObject({ status: 503, body: { code: 'service_unavailable' } });
  });

  test('responds with 503 while the database is unreachable, so that the sender retries', async () => {
    const api = await setUp();
    api.db.fail('takeClerkEvent', new DatabaseUnavailable('unreachable'));
    api.db.fail('takeStripeEvent', new DatabaseUnavailable('unreachable'));
    const data = { object: { id: 'sub_1', status: 'active' } };
    const known = source === 'clerk' ? event : { ...event, type: 'customer.subscription.updated', data };
    expect((await api[source](known)).status).toBe(503);
  });

  test('rejects a body of more than 1 MB', async () => {
    const api = await setUp();
    expect((await api.post(`/webhooks/${source}`, 'x'.repeat(1_000_001), {})).status).toBe(413);
  });
});
