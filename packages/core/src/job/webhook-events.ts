/** The events that a webhook can receive, in the order in which they happen. */
export const webhookEvents = ['job.processing', 'job.completed', 'job.failed', 'job.canceled'] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

/** The events sent when a request names none: the terminal ones. */
export const defaultWebhookEvents: readonly WebhookEvent[] = ['job.completed', 'job.failed', 'job.canceled'];

/** The webhook of a job: the URL and the events sent to it. */
export interface JobWebhook {
  url: string;
  events: readonly WebhookEvent[];
}
