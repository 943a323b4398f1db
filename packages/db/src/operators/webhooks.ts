import type { StripeEvent } from '../payments/payments.ts';
import type { TakenEvent, WebhookOutcome } from '../webhook-events/taken-event.ts';
import type { WebhookDelivery } from '../webhooks/webhooks.ts';
import type { Rest } from './rest.ts';

/** An event from Clerk or Stripe that needs an operator. */
export interface UnresolvedEvent {
  source: 'clerk' | 'stripe';
  id: string;
  type: string;
  outcome: WebhookOutcome;
  user_id: string | null;
  note: string | null;
  received_at: string;
}

/** A webhook to an app that was given up. */
export interface FailedWebhookDelivery extends Omit<WebhookDelivery, 'url'> {
  job_id: string;
  user_id: string;
  host: string;
}

export interface OperatorWebhooks {
  /** Events from Clerk and Stripe that need an operator, newest first. */
  listUnresolvedEvents(query: { limit: number }): Promise<UnresolvedEvent[]>;
  /** Takes an unresolved event of Stripe again. Null: there is no such event. */
  takeEventAgain(event: { id: string }): Promise<TakenEvent | null>;
  /** Webhooks to apps that were given up, newest first. */
  listFailedWebhookDeliveries(query: { limit: number }): Promise<FailedWebhookDelivery[]>;
}

export function operatorWebhooks(rest: Rest): OperatorWebhooks {
  return {
    listUnresolvedEvents: ({ limit }) =>
      rest((client) =>
        client
          .from('webhook_events')
          .select('source,id,type,outcome,user_id,note,received_at')
          .in('outcome', ['unknown_user', 'unknown_price', 'deleted_user'])
          .order('received_at', { ascending: false })
          .limit(limit),
      ),

    async takeEventAgain({ id }) {
      const [row] = await rest<{ detail: StripeEvent | null }[]>((client) =>
        client.from('webhook_events').select('detail').eq('source', 'stripe').eq('id', id),
      );
      if (!row?.detail) return null;
      return rest((client) => client.rpc('take_stripe_event', { p_event: row.detail }));
    },

    listFailedWebhookDeliveries: ({ limit }) =>
      rest((client) =>
        client
          .from('webhook_deliveries')
          .select(
            'id,job_id,user_id,type,host,status,attempts,next_attempt_at,last_status,last_error,created_at,delivered_at',
          )
          .eq('status', 'failed')
          .order('created_at', { ascending: false })
          .limit(limit),
      ),
  };
}
