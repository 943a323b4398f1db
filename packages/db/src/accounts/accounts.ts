import type { Database, StripePurchase, StripeSubscription } from '../database.ts';
import type { Door } from '../open.ts';

export function accountOperations({
  call,
}: Door): Pick<Database, 'isUserDeleted' | 'takeClerkEvent' | 'takeStripeEvent'> {
  return {
    isUserDeleted: ({ userId }) => call('is_user_deleted', { p_user_id: userId }),

    takeClerkEvent: (event, { defaultCredits }) =>
      call('take_clerk_event', {
        p_event: {
          id: event.id,
          type: event.type,
          created_at: event.createdAt,
          user_id: event.userId,
          email: event.email,
          changed_at: event.changedAt,
        },
        p_default_credits: defaultCredits,
      }),

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
