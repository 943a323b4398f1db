import type { StripeEvent, StripePurchase, StripeSubscription } from '@darkroom/db/payments/payments';
import { z } from 'zod';
import { validate } from '../../problem/validation.ts';

/** Credits that a price of Stripe's buys, by its id. */
export type PriceCredits = Readonly<Record<string, number>>;

type Meaning = Pick<StripeEvent, 'customer' | 'userId' | 'purchase' | 'subscription'>;

/**
 * What a verified event means here; null where it means nothing. It knows the shapes of Stripe's present versions and
 * those before 2025, since the version is the endpoint's own. @throws ProblemError where it is not as Stripe's are
 */
export function readStripeEvent(payload: unknown, priceCredits: PriceCredits): StripeEvent | null {
  const { id, type, created, data } = validate(someEvent, payload);
  const meaning = meaningOf(type, data.object, priceCredits);
  return meaning && { id, type, createdAt: isoOf(created), ...meaning };
}

function meaningOf(type: string, object: unknown, priceCredits: PriceCredits): Meaning | null {
  switch (type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
      return ofCheckout(validate(checkoutSession, object), priceCredits);
    case 'invoice.paid':
      return ofInvoice(validate(invoice, object), priceCredits);
    case 'customer.subscription.created':
      return ofSubscription(validate(subscription, object), 0);
    case 'customer.subscription.updated':
      return ofSubscription(validate(subscription, object), 1);
    case 'customer.subscription.deleted':
      return ofSubscription(validate(subscription, object), 2);
    default:
      return null;
  }
}

/** Links the customer to the user, and sells what is sold once. A subscription's credits come with its invoices. */
function ofCheckout(session: z.output<typeof checkoutSession>, priceCredits: PriceCredits): Meaning {
  const { id, customer, client_reference_id, metadata, mode, payment_status } = session;
  const paid = payment_status === 'paid' || payment_status === 'no_payment_required';
  return {
    customer,
    userId: client_reference_id ?? metadata?.user_id ?? null,
    purchase:
      mode === 'payment' && paid
        ? purchaseOf(
            { reference: `stripe:session:${id}`, reason: 'Credits bought', items: soldBy(session) },
            priceCredits,
          )
        : null,
    subscription: null,
  };
}

/** Stripe sends no line items with a session, unless asked: the app that makes the session names the price. */
function soldBy({ line_items, metadata, payment_link }: z.output<typeof checkoutSession>): Item[] {
  const lines = line_items?.data ?? [];
  if (lines.length > 0) {
    return lines.map(({ price, quantity }) => ({ price: price ?? unnamed, quantity: quantity ?? 1 }));
  }
  const quantity = Number(metadata?.quantity ?? 1);
  return [
    {
      price: metadata?.price_id ?? payment_link ?? unnamed,
      quantity: Number.isSafeInteger(quantity) && quantity > 0 ? quantity : 1,
    },
  ];
}

/**
 * Sells what a subscription's invoice bills for a period. A trial's lines cost nothing and bring nothing; the shares
 * that a change of plan adds bring nothing before the next period. Of other invoices the checkout has told already.
 */
function ofInvoice(bill: z.output<typeof invoice>, priceCredits: PriceCredits): Meaning {
  const { id, customer, lines, parent, subscription_details, metadata } = bill;
  const details = parent?.subscription_details ?? subscription_details;
  const isOfSubscription = Boolean(details) || bill.billing_reason?.startsWith('subscription') === true;
  const sold = lines.data.filter((line) => (line.amount ?? 0) > 0 && !isProration(line));
  const items = sold.map((line) => ({ price: priceOfLine(line), quantity: line.quantity ?? 1 }));
  const note = lines.has_more ? 'the invoice has more lines than the event shows: look at it' : null;
  return {
    customer,
    userId:
      details?.metadata?.user_id ??
      metadata?.user_id ??
      lines.data.find((line) => line.metadata?.user_id)?.metadata?.user_id ??
      null,
    purchase: isOfSubscription
      ? purchaseOf({ reference: `stripe:invoice:${id}`, reason: 'Subscription', items, note }, priceCredits)
      : null,
    subscription: null,
  };
}

function ofSubscription(state: z.output<typeof subscription>, rank: number): Meaning {
  const { id, status, customer, metadata, items } = state;
  const [item] = items?.data ?? [];
  const end = item?.current_period_end ?? state.current_period_end ?? null;
  const kept: StripeSubscription = {
    id,
    status,
    priceId: item?.price ?? null,
    currentPeriodEnd: end === null ? null : isoOf(end),
    rank,
  };
  return { customer, userId: metadata?.user_id ?? null, purchase: null, subscription: kept };
}

interface Item {
  price: string;
  quantity: number;
}

const unnamed = '(no price named: set metadata.price_id on the session)';

function purchaseOf(
  sale: { reference: string; reason: string; items: Item[]; note?: string | null },
  priceCredits: PriceCredits,
): StripePurchase {
  const { reference, reason, items, note = null } = sale;
  const known = items.filter(({ price }) => Object.hasOwn(priceCredits, price));
  return {
    reference,
    reason,
    note,
    credits: known.reduce((sum, { price, quantity }) => sum + (priceCredits[price] ?? 0) * quantity, 0),
    unknownPrices: [
      ...new Set(items.map(({ price }) => price).filter((price) => !Object.hasOwn(priceCredits, price))),
    ],
  };
}

function isProration({ proration, parent }: Line): boolean {
  const { invoice_item_details, subscription_item_details } = parent ?? {};
  return Boolean(proration || invoice_item_details?.proration || subscription_item_details?.proration);
}

function priceOfLine({ pricing, price }: Line): string {
  return pricing?.price_details?.price ?? price ?? unnamed;
}

function isoOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}

/** An id, or the object itself where the endpoint expands it. */
const reference = z
  .union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)])
  .nullish()
  .transform((id) => id ?? null);
const metadata = z.record(z.string(), z.string()).nullish();

const someEvent = z.object({
  id: z.string().min(1).max(255),
  type: z.string(),
  /** In seconds since 1970. */
  created: z.number(),
  data: z.object({ object: z.unknown() }),
});

const checkoutSession = z.object({
  id: z.string(),
  customer: reference,
  client_reference_id: z.string().nullish(),
  metadata,
  mode: z.string(),
  payment_status: z.string(),
  payment_link: reference,
  line_items: z
    .object({ data: z.array(z.object({ price: reference, quantity: z.int().nullish() })) })
    .nullish(),
});

const prorated = z.object({ proration: z.boolean().nullish() }).nullish();
const line = z.object({
  amount: z.number().nullish(),
  quantity: z.int().nullish(),
  metadata,
  price: reference,
  proration: z.boolean().nullish(),
  pricing: z.object({ price_details: z.object({ price: reference }).nullish() }).nullish(),
  parent: z.object({ invoice_item_details: prorated, subscription_item_details: prorated }).nullish(),
});
type Line = z.output<typeof line>;

const subscriptionDetails = z.object({ metadata }).nullish();
const invoice = z.object({
  id: z.string(),
  customer: reference,
  billing_reason: z.string().nullish(),
  metadata,
  lines: z.object({ data: z.array(line), has_more: z.boolean().nullish() }),
  parent: z.object({ subscription_details: subscriptionDetails }).nullish(),
  subscription_details: subscriptionDetails,
});

const subscription = z.object({
  id: z.string(),
  status: z.string(),
  customer: reference,
  metadata,
  current_period_end: z.number().nullish(),
  items: z
    .object({ data: z.array(z.object({ price: reference, current_period_end: z.number().nullish() })) })
    .nullish(),
});
