/** The job events that a webhook can receive, in the order in which they happen. */
export const webhookEvents = ['job.processing', 'job.completed', 'job.failed', 'job.canceled'] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

/** The events that are sent when a request names none: how the job ended. */
export const defaultWebhookEvents: readonly WebhookEvent[] = ['job.completed', 'job.failed', 'job.canceled'];

/** A job's webhook: where which events are sent. */
export interface JobWebhook {
  url: string;
  events: readonly WebhookEvent[];
}
