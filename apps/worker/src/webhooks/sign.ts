import { jobFields } from '@darkroom/core/job/job';
import type { ClaimedWebhook } from '@darkroom/db/webhooks/webhooks';
import { Webhook } from 'standardwebhooks';

/** A webhook delivery as an HTTP request. */
export interface WebhookMessage {
  headers: Record<string, string>;
  body: string;
}

export type Sign = (webhook: ClaimedWebhook) => WebhookMessage;

/**
 * Builds and signs a webhook by the Standard Webhooks specification. The id is the same at every attempt; the timestamp
 * in the headers is that of the attempt, so that receivers can refuse replays.
 * @param options.secret `whsec_…`
 * @param options.now the wall clock
 */
export function createSign({ secret, now }: { secret: string; now: () => Date }): Sign {
  const webhook = new Webhook(secret);
  return ({ id, type, timestamp, job }) => {
    const data = Object.fromEntries(jobFields.map((field) => [field, job[field]]));
    const body = JSON.stringify({ type, timestamp, data });
    const sentAt = now();
    return {
      headers: {
        'content-type': 'application/json',
        'user-agent': 'darkroom-webhooks/1',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1_000)),
        'webhook-signature': webhook.sign(id, sentAt, body),
      },
      body,
    };
  };
}
