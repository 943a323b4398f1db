import { type WebhookEvent, webhookEvents } from '@darkroom/core/webhook/events';
import type { DocumentedOperation, Parameter } from './document.ts';
import { webhookExamples } from './examples.ts';

export const sentTag = 'Sent to you';

const summaries: Record<WebhookEvent, string> = {
  'job.processing': 'A worker has begun with the job',
  'job.completed': 'The job has its image',
  'job.failed': 'The job has failed, and its credits are back',
  'job.canceled': 'The job was canceled, and its credits are back',
};

const signatureHeaders: Parameter[] = [
  [
    'webhook-id',
    'The same at every attempt: remember those you have seen.',
    '5b0c1f6e-7a0e-4a35-8f0a-2a3f6b1d9c11',
  ],
  ['webhook-timestamp', 'Of this attempt, in seconds since 1970.', '1767323045'],
  [
    'webhook-signature',
    'To be checked over the body as it came.',
    'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
  ],
].map(([name, description, example]) => ({
  name: name!,
  in: 'header',
  required: true,
  description,
  schema: { type: 'string' },
  example,
}));

/** What the API sends, as OpenAPI 3.1 tells of it: a call to the `webhook_url` of a job, by the event. */
export const webhooks: Record<WebhookEvent, { post: DocumentedOperation }> = Object.fromEntries(
  webhookEvents.map((event) => [event, { post: describe(event) }]),
) as Record<WebhookEvent, { post: DocumentedOperation }>;

function describe(event: WebhookEvent): DocumentedOperation {
  return {
    operationId: event,
    tags: [sentTag],
    summary: summaries[event],
    description:
      'Sent to the webhook_url of the job, signed by the rules of Standard Webhooks. At least once, in no certain order.',
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
      '2XX': { description: 'It was taken. The body is not read.' },
      '410': { description: 'It is not wanted: it is not sent again.' },
      default: { description: 'It is sent again, over 16 hours. So it is without an answer within 10 s.' },
    },
  };
}
