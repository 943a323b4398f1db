import type { Problem, ProblemCode } from '../problem/problem.ts';

/** An example of every problem. */
export const problemExamples: Record<ProblemCode, Pick<Problem, 'detail' | 'errors' | 'extras'>> = {
  malformed_json: { detail: 'The body is not valid JSON.' },
  invalid_signature: {
    detail: 'The signature does not match the body and the signing secret, or is older than five minutes.',
  },
  unauthenticated: { detail: 'The session token is invalid or has expired. Send a new one.' },
  insufficient_credits: {
    detail:
      'Your balance does not cover the price of this image. Buy credits, or choose a cheaper model or size.',
    extras: { balance: 1, price: 3 },
  },
  not_found: { detail: 'There is no such job.' },
  method_not_allowed: { detail: 'This URL only supports GET, HEAD, POST.' },
  job_already_finished: { detail: 'The job has already finished and cannot be canceled.' },
  job_not_finished: {
    detail: 'This job has not finished. It can be retried once it has failed or been canceled.',
  },
  payload_too_large: { detail: 'The body may have at most 30000000 bytes.' },
  unsupported_media_type: { detail: 'Send the body as JSON with the header Content-Type: application/json.' },
  invalid_request: {
    detail: 'aspect_ratio: Must look like 16:9.',
    errors: [{ path: 'aspect_ratio', message: 'Must look like 16:9.' }],
  },
  idempotency_key_reused: {
    detail: 'This Idempotency-Key was used for a different request. Send a new key.',
  },
  too_many_active_jobs: {
    detail: 'You have the maximum number of unfinished jobs. Wait for one to finish, or cancel one.',
    extras: { limit: 10, active: 10 },
  },
  too_many_prompts: {
    detail: 'You have saved 1000 prompts, which is the maximum. Delete one first.',
    extras: { limit: 1_000 },
  },
  too_many_uploads: {
    detail: 'You have 100 unexpired upload URLs, which is the maximum. Use one, or wait until one expires.',
    extras: { limit: 100 },
  },
  rate_limited: { detail: 'Too many requests in one minute. Send the next one in 12 seconds.' },
  forbidden: { detail: 'This is for operators only.' },
  internal_error: {
    detail: 'The request failed because of an error on our side. Report its request_id if it happens again.',
  },
  service_unavailable: {
    detail:
      'A part of the service cannot be reached. Send the request again in a few seconds, with the same Idempotency-Key.',
  },
};
