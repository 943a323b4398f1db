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
    summary: 'Have an image made',
    description:
      'Debits the price and makes a job. Send an Idempotency-Key, and the request can be repeated until it is answered: ' +
      'one job, one debit. The credits come back by themselves if no image comes of it.',
    query: createJobQuery,
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
