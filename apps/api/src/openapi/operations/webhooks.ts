import type { Operation } from './operation.ts';

const eventProblems = [
  'invalid_signature',
  'payload_too_large',
  'invalid_request',
  'service_unavailable',
] as const;

export const webhookOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/webhooks/clerk',
    id: 'receiveClerk',
    tag: 'Webhooks',
    summary: 'For Clerk: a user was created, changed or deleted',
    description: 'Signed by Clerk. Events may repeat and arrive in any order.',
    body: 'ReportedEvent',
    answers: { 200: { description: 'The event was handled.', body: 'Received' } },
    problems: eventProblems,
  },
  {
    method: 'post',
    path: '/webhooks/stripe',
    id: 'receiveStripe',
    tag: 'Webhooks',
    summary: 'For Stripe: a payment, or a change of a subscription',
    description: 'Signed by Stripe. Events may repeat and arrive in any order.',
    body: 'ReportedEvent',
    answers: { 200: { description: 'The event was handled.', body: 'Received' } },
    problems: eventProblems,
  },
];
