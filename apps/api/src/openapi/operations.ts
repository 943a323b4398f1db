import { jobRequest } from '@darkroom/core/job/request';
import { z } from 'zod';
import { pageQuery } from '../http/page-query.ts';
import type { ProblemCode } from '../problem/problem.ts';
import { jobsQuery } from '../routes/jobs/list.ts';
import { jobQuery } from '../routes/jobs/show.ts';
import { submissionQuery } from '../routes/jobs/submission.ts';
import { newPrompt, promptChanges } from '../routes/prompts/fields.ts';
import { uploadRequest } from '../routes/uploads/create.ts';
import type { BodyName } from './examples.ts';
import type { RequestHeader, ResponseHeader } from './headers.ts';
import type { AnswerName } from './schemas.ts';

/** One call of the API, as the document tells of it. */
export interface Operation {
  method: 'get' | 'post' | 'patch' | 'delete';
  /** With `{id}` where the route has `:id`. */
  path: string;
  id: string;
  tag: 'Jobs' | 'Account' | 'Pictures' | 'Prompts' | 'Webhooks' | 'Health';
  summary: string;
  description?: string;
  query?: z.ZodObject;
  headers?: readonly RequestHeader[];
  body?: BodyName;
  answers: Readonly<Record<number, Answer>>;
  /** Beside those that any call below /v1 can meet. */
  problems?: readonly ProblemCode[];
}

interface Answer {
  description: string;
  /** What the body is; `events` is a stream of server-sent events. Without it there is none. */
  body?: AnswerName | 'events';
  headers?: readonly ResponseHeader[];
}

/** The bodies that are sent, by the schemas that the routes read them with. */
export const bodies: Record<BodyName, z.ZodType> = {
  JobRequest: jobRequest,
  UploadRequest: uploadRequest,
  NewPrompt: newPrompt,
  PromptChanges: promptChanges,
  /** What Clerk and Stripe send is theirs to describe. */
  ReportedEvent: z.looseObject({ type: z.string() }),
};

const json = ['unsupported_media_type', 'malformed_json', 'payload_too_large', 'invalid_request'] as const;
const submitted = ['insufficient_credits', 'idempotency_key_reused', 'too_many_active_jobs'] as const;
const submitHeaders = ['Idempotency-Key', 'Prefer', 'Cancel-After'] as const;
const submittedHeaders = ['Location', 'Retry-After', 'Preference-Applied'] as const;
const replayedHeaders = [...submittedHeaders, 'Idempotent-Replayed'] as const;

const jobOperations: Operation[] = [
  {
    method: 'post',
    path: '/v1/jobs',
    id: 'createJob',
    tag: 'Jobs',
    summary: 'Have a picture made',
    description:
      'Debits the price and makes a job. Send an Idempotency-Key, and the request can be repeated until it is answered: ' +
      'one job, one debit. The credits come back by themselves if no picture comes of it.',
    query: submissionQuery,
    headers: submitHeaders,
    body: 'JobRequest',
    answers: {
      202: { description: 'The job was made.', body: 'Accepted', headers: submittedHeaders },
      200: {
        description: 'It was made before, or has ended while you waited, or this is the price of a dry run.',
        body: 'AcceptedOrQuote',
        headers: replayedHeaders,
      },
    },
    problems: [...json, ...submitted],
  },
  {
    method: 'get',
    path: '/v1/jobs',
    id: 'listJobs',
    tag: 'Jobs',
    summary: 'List your jobs, newest first',
    query: jobsQuery,
    answers: { 200: { description: 'A page of jobs.', body: 'JobPage' } },
    problems: ['invalid_request'],
  },
  {
    method: 'get',
    path: '/v1/jobs/{id}',
    id: 'showJob',
    tag: 'Jobs',
    summary: 'Read a job',
    description: 'With wait the answer is held until there is a later version than that of If-None-Match.',
    query: jobQuery,
    headers: ['If-None-Match'],
    answers: {
      200: {
        description: 'The job, and its place in the line while it waits.',
        body: 'ShownJob',
        headers: ['ETag'],
      },
      304: { description: 'It is as you know it.', headers: ['ETag'] },
    },
    problems: ['not_found', 'invalid_request'],
  },
  {
    method: 'get',
    path: '/v1/jobs/{id}/events',
    id: 'followJob',
    tag: 'Jobs',
    summary: 'Follow a job',
    description:
      'Server-sent events named job, whose data is the job and whose id is its version; the stream ends with the job.',
    headers: ['Last-Event-ID'],
    answers: {
      200: { description: 'The job as it is, then each change.', body: 'events' },
      204: { description: 'It has ended, and you have seen it: do not connect again.' },
    },
    problems: ['not_found'],
  },
  {
    method: 'post',
    path: '/v1/jobs/{id}/cancel',
    id: 'cancelJob',
    tag: 'Jobs',
    summary: 'Cancel a job',
    description: 'Ends it and gives its credits back.',
    answers: { 200: { description: 'The canceled job.', body: 'Job' } },
    problems: ['not_found', 'job_already_finished'],
  },
  {
    method: 'post',
    path: '/v1/jobs/{id}/retry',
    id: 'retryJob',
    tag: 'Jobs',
    summary: 'Try a failed or canceled job again',
    description: 'Makes a new job of the same input. Without an Idempotency-Key a job has one retry.',
    headers: submitHeaders,
    answers: {
      202: { description: 'The new job.', body: 'Accepted', headers: submittedHeaders },
      200: {
        description: 'It was retried before, or has ended while you waited.',
        body: 'Accepted',
        headers: replayedHeaders,
      },
    },
    problems: ['not_found', 'job_not_finished', 'job_already_finished', 'invalid_request', ...submitted],
  },
  {
    method: 'get',
    path: '/v1/jobs/{id}/deliveries',
    id: 'listDeliveries',
    tag: 'Jobs',
    summary: 'See what was sent to the webhook_url',
    answers: { 200: { description: 'All of it.', body: 'DeliveryPage' } },
    problems: ['not_found'],
  },
  {
    method: 'get',
    path: '/v1/events',
    id: 'followJobs',
    tag: 'Jobs',
    summary: 'Follow all your jobs',
    description: 'One stream of server-sent events for all jobs. The id of an event is a point in time.',
    headers: ['Last-Event-ID'],
    answers: { 200: { description: 'What is unfinished, then each change.', body: 'events' } },
  },
  {
    method: 'get',
    path: '/v1/models',
    id: 'listModels',
    tag: 'Jobs',
    summary: 'List the models, their sizes, ratios and prices',
    answers: {
      200: { description: 'In the order in which they stand in for each other.', body: 'ModelPage' },
    },
  },
];

const accountOperations: Operation[] = [
  {
    method: 'get',
    path: '/v1/me',
    id: 'showMe',
    tag: 'Account',
    summary: 'Read your balance and subscription',
    answers: { 200: { description: 'You.', body: 'Me' } },
  },
  {
    method: 'get',
    path: '/v1/credits/ledger',
    id: 'listLedger',
    tag: 'Account',
    summary: 'List every movement of your credits, newest first',
    query: pageQuery,
    answers: { 200: { description: 'A page of the ledger.', body: 'LedgerPage' } },
    problems: ['invalid_request'],
  },
];

const pictureOperations: Operation[] = [
  {
    method: 'post',
    path: '/v1/uploads',
    id: 'createUpload',
    tag: 'Pictures',
    summary: 'Upload a picture to start from',
    description: 'Answers with an address to PUT the bytes to; the key is then the input_image_key of a job.',
    body: 'UploadRequest',
    answers: { 201: { description: 'Where to put it.', body: 'Upload' } },
    problems: json,
  },
  {
    method: 'get',
    path: '/v1/images',
    id: 'listImages',
    tag: 'Pictures',
    summary: 'List your gallery, newest first',
    query: pageQuery,
    answers: { 200: { description: 'A page of pictures.', body: 'ImagePage' } },
    problems: ['invalid_request'],
  },
  {
    method: 'delete',
    path: '/v1/images/{id}',
    id: 'deleteImage',
    tag: 'Pictures',
    summary: 'Remove a picture',
    answers: { 204: { description: 'It is gone.' } },
    problems: ['not_found'],
  },
];

const promptOperations: Operation[] = [
  {
    method: 'get',
    path: '/v1/prompts',
    id: 'listPrompts',
    tag: 'Prompts',
    summary: 'List your saved prompts, newest first',
    query: pageQuery,
    answers: { 200: { description: 'A page of prompts.', body: 'PromptPage' } },
    problems: ['invalid_request'],
  },
  {
    method: 'post',
    path: '/v1/prompts',
    id: 'createPrompt',
    tag: 'Prompts',
    summary: 'Save a prompt',
    body: 'NewPrompt',
    answers: { 201: { description: 'The prompt.', body: 'Prompt', headers: ['Location'] } },
    problems: json,
  },
  {
    method: 'get',
    path: '/v1/prompts/{id}',
    id: 'showPrompt',
    tag: 'Prompts',
    summary: 'Read a saved prompt',
    answers: { 200: { description: 'The prompt.', body: 'Prompt' } },
    problems: ['not_found'],
  },
  {
    method: 'patch',
    path: '/v1/prompts/{id}',
    id: 'updatePrompt',
    tag: 'Prompts',
    summary: 'Change a saved prompt',
    description: 'Changes the fields that are sent; null clears one.',
    body: 'PromptChanges',
    answers: { 200: { description: 'The prompt.', body: 'Prompt' } },
    problems: ['not_found', ...json],
  },
  {
    method: 'delete',
    path: '/v1/prompts/{id}',
    id: 'deletePrompt',
    tag: 'Prompts',
    summary: 'Remove a saved prompt',
    answers: { 204: { description: 'It is gone.' } },
    problems: ['not_found'],
  },
];

const reportedProblems = [
  'invalid_signature',
  'payload_too_large',
  'invalid_request',
  'service_unavailable',
] as const;

const otherOperations: Operation[] = [
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
  {
    method: 'get',
    path: '/health/live',
    id: 'showLive',
    tag: 'Health',
    summary: 'Whether the process answers',
    answers: { 200: { description: 'It does.', body: 'Live' } },
  },
  {
    method: 'get',
    path: '/health/ready',
    id: 'showReady',
    tag: 'Health',
    summary: 'Whether requests should be sent here',
    answers: { 200: { description: 'They should.', body: 'Ready' } },
    problems: ['service_unavailable'],
  },
];

/** Every call of the API, in the order in which it is told. */
export const operations: readonly Operation[] = [
  ...jobOperations,
  ...accountOperations,
  ...pictureOperations,
  ...promptOperations,
  ...otherOperations,
];

/** Every problem that a call can be answered with. */
export function problemsOf({ path, problems = [] }: Operation): ProblemCode[] {
  const common: ProblemCode[] = path.startsWith('/v1/')
    ? ['unauthenticated', 'rate_limited', 'internal_error', 'service_unavailable']
    : ['internal_error'];
  return [...new Set([...problems, ...common])];
}
