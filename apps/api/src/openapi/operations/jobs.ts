import { createJobQuery } from '../../routes/jobs/create-request.ts';
import { jobsQuery } from '../../routes/jobs/list.ts';
import { jobQuery } from '../../routes/jobs/show.ts';
import { bodyProblems, type Operation } from './operation.ts';

const submitted = ['insufficient_credits', 'idempotency_key_reused', 'too_many_active_jobs'] as const;
const submitHeaders = ['Idempotency-Key', 'Prefer', 'Cancel-After'] as const;
const submittedHeaders = ['Location', 'Retry-After', 'Preference-Applied'] as const;
const replayedHeaders = [...submittedHeaders, 'Idempotent-Replayed'] as const;

export const jobOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/jobs',
    id: 'createJob',
    tag: 'Jobs',
    summary: 'Create a job that generates an image',
    description:
      'Debits the price and creates a job. With an Idempotency-Key the request can be repeated until you get a response: ' +
      'it creates one job and one debit. A job that ends without an image is refunded automatically.',
    query: createJobQuery,
    headers: submitHeaders,
    body: 'JobRequest',
    answers: {
      202: { description: 'The job was created.', body: 'Accepted', headers: submittedHeaders },
      200: {
        description:
          'The job existed already or has ended while you waited, or this is the quote of a dry run.',
        body: 'AcceptedOrQuote',
        headers: replayedHeaders,
      },
    },
    problems: [...bodyProblems, ...submitted],
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
    description: 'With wait, the response is held until the version is later than that of If-None-Match.',
    query: jobQuery,
    headers: ['If-None-Match'],
    answers: {
      200: {
        description: 'The job, with its queue position while it is pending.',
        body: 'ShownJob',
        headers: ['ETag'],
      },
      304: { description: 'Your copy is current.', headers: ['ETag'] },
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
      'Server-sent events named job. The data is the job, the id its version. The stream ends when the job has ended.',
    headers: ['Last-Event-ID'],
    answers: {
      200: { description: 'The current state, then each change.', body: 'events' },
      204: { description: 'The job has ended and you have its last state: do not reconnect.' },
    },
    problems: ['not_found'],
  },
  {
    method: 'post',
    path: '/v1/jobs/{id}/cancel',
    id: 'cancelJob',
    tag: 'Jobs',
    summary: 'Cancel a job',
    description: 'Cancels the job and refunds its credits.',
    answers: { 200: { description: 'The canceled job.', body: 'Job' } },
    problems: ['not_found', 'job_already_finished'],
  },
  {
    method: 'post',
    path: '/v1/jobs/{id}/retry',
    id: 'retryJob',
    tag: 'Jobs',
    summary: 'Retry a failed or canceled job',
    description: 'Creates a new job from the same input. Without an Idempotency-Key a job has one retry.',
    headers: submitHeaders,
    answers: {
      202: { description: 'The new job.', body: 'Accepted', headers: submittedHeaders },
      200: {
        description: 'The retry existed already, or has ended while you waited.',
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
    summary: 'List the webhook deliveries of a job',
    answers: { 200: { description: 'All webhook deliveries of the job.', body: 'DeliveryPage' } },
    problems: ['not_found'],
  },
  {
    method: 'get',
    path: '/v1/events',
    id: 'followJobs',
    tag: 'Jobs',
    summary: 'Follow all your jobs',
    description:
      'One stream of server-sent events for all your jobs. The id of an event is a position in time.',
    headers: ['Last-Event-ID'],
    answers: { 200: { description: 'The unfinished jobs, then each change.', body: 'events' } },
  },
  {
    method: 'get',
    path: '/v1/models',
    id: 'listModels',
    tag: 'Jobs',
    summary: 'List the models, their sizes, ratios and prices',
    answers: {
      200: { description: 'The models in the order of fallback.', body: 'ModelPage' },
    },
  },
];
