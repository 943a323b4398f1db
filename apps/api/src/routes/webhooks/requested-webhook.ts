import type { JobRequest } from '@darkroom/core/job/request';
import { defaultWebhookEvents, type JobWebhook } from '@darkroom/core/job/webhook-events';
import { refuseWebhookUrl, type WebhookReach } from '@darkroom/core/webhook/guard';
import { invalidField } from '../../problem/validation.ts';

export interface WebhookSettings extends WebhookReach {
  /** False without a signing secret: then no webhooks are sent. */
  enabled: boolean;
}

/** The webhook that a request asks for, or null. @throws ProblemError invalid_request for one that is not allowed */
export function requestedWebhook(
  request: Pick<JobRequest, 'webhook_url' | 'webhook_events'>,
  settings: WebhookSettings,
): JobWebhook | null {
  const { webhook_url: url, webhook_events: events } = request;
  if (url === null) return null;
  if (!settings.enabled) {
    throw invalidField(
      'webhook_url',
      'This server sends no webhooks because WEBHOOK_SIGNING_SECRET is not set. Leave webhook_url out.',
    );
  }
  const objection = refuseWebhookUrl(url, settings);
  if (objection !== null) throw invalidField('webhook_url', objection);
  return { url, events: events ?? defaultWebhookEvents };
}
