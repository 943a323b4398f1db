import type { Operation } from './operation.ts';

const reportedProblems = [
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
    summary: 'For Clerk: a user was made, changed or deleted',
    description: 'Signed by Clerk. Repeats and any order are harmless.',
    body: 'ReportedEvent',
    answers: { 200: { description: 'It was taken.', body: 'Received' } },
    problems: reportedProblems,
  },
  {
    method: 'post',
    path: '/webhooks/stripe',
    id: 'receiveStripe',
    tag: 'Webhooks',
    summary: 'For Stripe: a payment, or a change of a subscription',
    description: 'Signed by Stripe. Repeats and any order are harmless.',
    body: 'ReportedEvent',
    answers: { 200: { description: 'It was taken.', body: 'Received' } },
    problems: reportedProblems,
  },
];
