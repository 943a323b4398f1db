import type { Call } from '../transport/call.ts';
import type { TakenEvent } from '../webhook-events/taken-event.ts';

export interface Subscription {
  status: string;
  price_id: string | null;
  current_period_end: string | null;
}

/** What one of Stripe's events means for us. Times are ISO 8601. */
export interface StripeEvent {
  id: string;
  type: string;
  createdAt: string;
  customer: string | null;
  /** The user that the event itself names. */
  userId: string | null;
  purchase: StripePurchase | null;
  subscription: StripeSubscription | null;
}

export interface StripePurchase {
  /** Credits are booked once per reference, however many events report it. */
  reference: string;
  credits: number;
  reason: string;
  /** Paid for, but not in the price list. */
  unknownPrices: string[];
  /** For the operator. */
  note: string | null;
}

export interface StripeSubscription {
  id: string;
  status: string;
  priceId: string | null;
  currentPeriodEnd: string | null;
  /** Orders two events of the same second: the higher one is later. */
  rank: number;
}

export interface PaymentOperations {
  getSubscription(user: { userId: string }): Promise<Subscription | null>;
  /** Takes an event once per id, in any order; books credits once per reference. */
  takeStripeEvent(event: StripeEvent): Promise<TakenEvent>;
}

export function paymentOperations(call: Call): PaymentOperations {
  return {
    getSubscription: ({ userId }) => call('get_subscription', { p_user_id: userId }),

    takeStripeEvent: (event) =>
      call('take_stripe_event', {
        p_event: {
          id: event.id,
          type: event.type,
          created_at: event.createdAt,
          customer: event.customer,
          user_id: event.userId,
          purchase: event.purchase && purchaseRow(event.purchase),
          subscription: event.subscription && subscriptionRow(event.subscription),
        },
      }),
  };
}

function purchaseRow({ unknownPrices, ...purchase }: StripePurchase) {
  return { ...purchase, unknown_prices: unknownPrices };
}

function subscriptionRow({ priceId, currentPeriodEnd, ...subscription }: StripeSubscription) {
  return { ...subscription, price_id: priceId, current_period_end: currentPeriodEnd };
}
