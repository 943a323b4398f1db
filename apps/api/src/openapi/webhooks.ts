import { type WebhookEvent, webhookEvents } from '@darkroom/core/job/webhook-events';
import type { DocumentedOperation, Parameter } from './document.ts';
import { webhookExamples } from './examples.ts';

export const sentTag = 'Sent to you';

const summaries: Record<WebhookEvent, string> = {
  'job.processing': 'A worker has started the job',
  'job.completed': 'The job has its image',
  'job.failed': 'The job has failed and is refunded',
  'job.canceled': 'The job was canceled and is refunded',
};

const signatureHeaders: Parameter[] = [
  [
    'webhook-id',
    'The same for every attempt: use it to ignore repeats.',
    '5b0c1f6e-7a0e-4a35-8f0a-2a3f6b1d9c11',
  ],
  ['webhook-timestamp', 'Time of this attempt in seconds since 1970.', '1767323045'],
  ['webhook-signature', 'Verify it over the raw body.', 'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4='],
].map(([name, description, example]) => ({
  name: name!,
  in: 'header',
  required: true,
  description,
  schema: { type: 'string' },
  example,
}));

/** The webhook deliveries of a job as OpenAPI 3.1 webhooks, by event. */
export const webhooks: Record<WebhookEvent, { post: DocumentedOperation }> = Object.fromEntries(
  webhookEvents.map((event) => [event, { post: describe(event) }]),
) as Record<WebhookEvent, { post: DocumentedOperation }>;

function describe(event: WebhookEvent): DocumentedOperation {
  return {
    operationId: event,
    tags: [sentTag],
    summary: summaries[event],
    description:
      'Sent to the webhook_url of the job, signed according to Standard Webhooks. At least once, in any order.',
    security: [],
    parameters: signatureHeaders,
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: { $ref: '#/components/schemas/JobEvent' },
          example: webhookExamples[event],
        },
      },
    },
    responses: {
      '2XX': { description: 'Delivered. The body is not read.' },
      '410': { description: 'Not wanted: it is not sent again.' },
      default: {
        description: 'It is sent again for up to 16 hours, as it is without a response within 10 s.',
      },
    },
  };
}
