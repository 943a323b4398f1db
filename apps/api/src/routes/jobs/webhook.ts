import type { JobRequest } from '@darkroom/core/job/request';
import { endings, type JobWebhook } from '@darkroom/core/webhook/events';
import { refuseWebhookUrl, type WebhookReach } from '@darkroom/core/webhook/guard';
import { invalid } from '../../problem/invalid.ts';

/** What webhooks this server sends. */
export interface WebhookOffer extends WebhookReach {
  /** Whether it has a secret to sign them with: without one it sends none. */
  enabled: boolean;
}

/** Where a request wants to be told what, or null. @throws ProblemError invalid_request where that may not be */
export function webhookOf(
  request: Pick<JobRequest, 'webhook_url' | 'webhook_events'>,
  offer: WebhookOffer,
): JobWebhook | null {
  const { webhook_url: url, webhook_events: events } = request;
  if (url === null) return null;
  if (!offer.enabled) {
    throw invalid('webhook_url', 'This server sends no webhooks: its WEBHOOK_SIGNING_SECRET is not set.');
  }
  const refusal = refuseWebhookUrl(url, offer);
  if (refusal !== null) throw invalid('webhook_url', refusal);
  return { url, events: events ?? endings };
}
