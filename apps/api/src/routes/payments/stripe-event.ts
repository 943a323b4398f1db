import type { StripeEvent, StripePurchase, StripeSubscription } from '@darkroom/db/payments/payments';
import { z } from 'zod';
import { validate } from '../../problem/validation.ts';

/** Credits by Stripe price id. */
export type PriceCredits = Readonly<Record<string, number>>;

type EventContent = Pick<StripeEvent, 'customer' | 'userId' | 'purchase' | 'subscription'>;

/**
 * Reads a verified event; null for a type that is not handled. Accepts the shapes of current API versions and of those before
 * 2025, since each endpoint has its own version. @throws ProblemError if it is malformed
 */
export function readStripeEvent(payload: unknown, priceCredits: PriceCredits): StripeEvent | null {
  const { id, type, created, data } = validate(stripeEvent, payload);
  const content = contentOf(type, data.object, priceCredits);
  return content && { id, type, createdAt: isoOf(created), ...content };
}

function contentOf(type: string, object: unknown, priceCredits: PriceCredits): EventContent | null {
  switch (type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
      return fromCheckout(validate(checkoutSession, object), priceCredits);
    case 'invoice.paid':
      return fromInvoice(validate(invoice, object), priceCredits);
    case 'customer.subscription.created':
      return fromSubscription(validate(subscription, object), 0);
    case 'customer.subscription.updated':
      return fromSubscription(validate(subscription, object), 1);
    case 'customer.subscription.deleted':
      return fromSubscription(validate(subscription, object), 2);
    default:
      return null;
  }
}

/** Links the customer to the user and credits one-time purchases. Invoices credit subscriptions. */
function fromCheckout(session: z.output<typeof checkoutSession>, priceCredits: PriceCredits): EventContent {
  const { id, customer, client_reference_id, metadata, mode, payment_status } = session;
  const paid = payment_status === 'paid' || payment_status === 'no_payment_required';
  return {
    customer,
    userId: client_reference_id ?? metadata?.user_id ?? null,
    purchase:
      mode === 'payment' && paid
        ? purchaseOf(
            { reference: `stripe:session:${id}`, reason: 'Credits bought', items: itemsOf(session) },
            priceCredits,
          )
        : null,
    subscription: null,
  };
}

/** By default a session has no line items, so the app that creates it puts the price into its metadata. */
function itemsOf({ line_items, metadata, payment_link }: z.output<typeof checkoutSession>): Item[] {
  const lines = line_items?.data ?? [];
  if (lines.length > 0) {
    return lines.map(({ price, quantity }) => ({ price: price ?? noPrice, quantity: quantity ?? 1 }));
  }
  const quantity = Number(metadata?.quantity ?? 1);
  return [
    {
      price: metadata?.price_id ?? payment_link ?? noPrice,
      quantity: Number.isSafeInteger(quantity) && quantity > 0 ? quantity : 1,
    },
  ];
}

/**
 * Credits what a subscription's invoice bills for a period. Lines of a trial cost nothing and credit nothing; prorations of a
 * plan change credit nothing until the next period. Other invoices were credited by their checkout.
 */
function fromInvoice(bill: z.output<typeof invoice>, priceCredits: PriceCredits): EventContent {
  const { id, customer, lines, parent, subscription_details, metadata } = bill;
  const details = parent?.subscription_details ?? subscription_details;
  const isOfSubscription = Boolean(details) || bill.billing_reason?.startsWith('subscription') === true;
  const billed = lines.data.filter((line) => (line.amount ?? 0) > 0 && !isProration(line));
  const items = billed.map((line) => ({ price: priceOfLine(line), quantity: line.quantity ?? 1 }));
  const note = lines.has_more
    ? 'the invoice has more lines than the event contains: check it in Stripe'
    : null;
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

function fromSubscription(state: z.output<typeof subscription>, rank: number): EventContent {
  const { id, status, customer, metadata, items } = state;
  const [item] = items?.data ?? [];
  const end = item?.current_period_end ?? state.current_period_end ?? null;
  const current: StripeSubscription = {
    id,
    status,
    priceId: item?.price ?? null,
    currentPeriodEnd: end === null ? null : isoOf(end),
    rank,
  };
  return { customer, userId: metadata?.user_id ?? null, purchase: null, subscription: current };
}

interface Item {
  price: string;
  quantity: number;
}

const noPrice = '(no price named: set metadata.price_id on the session)';

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
  return pricing?.price_details?.price ?? price ?? noPrice;
}

function isoOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}

/** An id, or the object if the endpoint expands it. */
const reference = z
  .union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)])
  .nullish()
  .transform((id) => id ?? null);
const metadata = z.record(z.string(), z.string()).nullish();

const stripeEvent = z.object({
  id: z.string().min(1).max(255),
  type: z.string(),
  /** Epoch seconds. */
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
