/** What a receiver can be told of a job, in the order it happens. */
export const webhookEvents = ['job.processing', 'job.completed', 'job.failed', 'job.canceled'] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

/** What it is told when it asks for nothing in particular: how the job ended. */
export const endings: readonly WebhookEvent[] = ['job.completed', 'job.failed', 'job.canceled'];

/** Where to tell what of a job. */
export interface JobWebhook {
  url: string;
  events: readonly WebhookEvent[];
}
