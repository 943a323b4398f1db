import { expect, test } from 'vitest';
import { ProblemError } from '../../problem/problem.ts';
import { readStripeEvent } from './stripe-event.ts';

const prices = { price_small: 10, price_large: 100, plink_1: 7 };
const read = (type: string, object: unknown) =>
  readStripeEvent({ id: 'evt_1', type, created: 1_767_225_600, data: { object } }, prices);

const session = {
  id: 'cs_1',
  customer: 'cus_1',
  client_reference_id: 'user_alice',
  mode: 'payment',
  payment_status: 'paid',
  metadata: { price_id: 'price_small' },
};

test('a paid checkout credits its price times its quantity', () => {
  expect(read('checkout.session.completed', session)).toEqual({
    id: 'evt_1',
    type: 'checkout.session.completed',
    createdAt: '2026-01-01T00:00:00.000Z',
    customer: 'cus_1',
    userId: 'user_alice',
    purchase: {
      reference: 'stripe:session:cs_1',
      reason: 'Credits bought',
      credits: 10,
      unknownPrices: [],
      note: null,
    },
    subscription: null,
  });
  const three = { ...session, metadata: { price_id: 'price_small', quantity: '3' } };
  expect(read('checkout.session.completed', three)?.purchase?.credits).toBe(30);
  const lines = {
    data: [
      { price: { id: 'price_large' }, quantity: 2 },
      { price: 'price_small', quantity: 1 },
    ],
  };
  expect(read('checkout.session.completed', { ...session, line_items: lines })?.purchase?.credits).toBe(210);
  const link = { ...session, metadata: {}, payment_link: 'plink_1' };
  expect(read('checkout.session.completed', link)?.purchase?.credits).toBe(7);
});

test('a checkout paid later is credited under the same reference', () => {
  const unpaid = { ...session, payment_status: 'unpaid' };
  expect(read('checkout.session.completed', unpaid)?.purchase).toBeNull();
  expect(read('checkout.session.async_payment_succeeded', session)?.purchase?.reference).toBe(
    'stripe:session:cs_1',
  );
});

test('a checkout of a subscription only links the customer to the user', () => {
  const event = read('checkout.session.completed', {
    ...session,
    mode: 'subscription',
    customer: { id: 'cus_2' },
  });
  expect(event).toMatchObject({
    customer: 'cus_2',
    userId: 'user_alice',
    purchase: null,
    subscription: null,
  });
});

test('an unknown price is reported and never guessed', () => {
  const strange = { ...session, metadata: { price_id: 'toString' } };
  expect(read('checkout.session.completed', strange)?.purchase).toMatchObject({
    credits: 0,
    unknownPrices: ['toString'],
  });
  const silent = { ...session, metadata: null, client_reference_id: null };
  const purchase = read('checkout.session.completed', silent)?.purchase;
  expect(purchase?.unknownPrices).toEqual(['(no price named: set metadata.price_id on the session)']);
});

const line = { amount: 500, quantity: 1, pricing: { price_details: { price: 'price_large' } } };
const invoice = {
  id: 'in_1',
  customer: 'cus_1',
  billing_reason: 'subscription_cycle',
  lines: { data: [line] },
  parent: { subscription_details: { metadata: { user_id: 'user_alice' } } },
};

test('an invoice of a subscription is credited, in the current and the earlier API shape', () => {
  expect(read('invoice.paid', invoice)).toMatchObject({
    userId: 'user_alice',
    purchase: { reference: 'stripe:invoice:in_1', credits: 100, unknownPrices: [] },
  });
  const old = {
    id: 'in_2',
    customer: 'cus_1',
    billing_reason: 'subscription_create',
    lines: { data: [{ amount: 500, quantity: 2, price: { id: 'price_small' }, proration: false }] },
    subscription_details: { metadata: { user_id: 'user_bob' } },
  };
  expect(read('invoice.paid', old)).toMatchObject({ userId: 'user_bob', purchase: { credits: 20 } });
});

test('trials, credit notes and prorations credit nothing', () => {
  const free = [
    { ...line, amount: 0 },
    { ...line, amount: -500 },
    { ...line, proration: true },
    { ...line, parent: { subscription_item_details: { proration: true } } },
  ];
  const event = read('invoice.paid', { ...invoice, lines: { data: free } });
  expect(event?.purchase).toMatchObject({ credits: 0, unknownPrices: [] });
});

test('an invoice created by a checkout is not credited again', () => {
  const single = { ...invoice, billing_reason: 'manual', parent: null };
  expect(read('invoice.paid', single)?.purchase).toBeNull();
});

test('a subscription event carries its state and period end, in the current and the earlier API shape', () => {
  const state = { id: 'sub_1', status: 'active', customer: 'cus_1', metadata: {} };
  const today = {
    ...state,
    items: { data: [{ price: { id: 'price_large' }, current_period_end: 1_767_225_600 }] },
  };
  expect(read('customer.subscription.updated', today)).toMatchObject({
    subscription: {
      id: 'sub_1',
      status: 'active',
      priceId: 'price_large',
      currentPeriodEnd: '2026-01-01T00:00:00.000Z',
      rank: 1,
    },
  });
  const old = {
    ...state,
    current_period_end: 1_767_225_600,
    items: { data: [{ price: { id: 'price_large' } }] },
  };
  expect(read('customer.subscription.created', old)?.subscription).toMatchObject({
    currentPeriodEnd: '2026-01-01T00:00:00.000Z',
    rank: 0,
  });
  expect(read('customer.subscription.deleted', { ...state, status: 'canceled' })?.subscription).toMatchObject(
    { rank: 2 },
  );
});

test('other events are ignored, and malformed ones are rejected', () => {
  expect(read('charge.refunded', {})).toBeNull();
  expect(() => read('invoice.paid', {})).toThrow(ProblemError);
  expect(() => readStripeEvent({ object: 'event' }, prices)).toThrow(ProblemError);
});
