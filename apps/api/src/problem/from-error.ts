import { QueueUnavailable } from '@darkroom/core/queue/queue';
import { StorageUnavailable } from '@darkroom/core/storage/storage';
import { DatabaseUnavailable, DomainError } from '@darkroom/db/errors';
import { type Problem, ProblemError } from './problem.ts';
import { invalidField } from './validation.ts';

/** The problem that the client receives for an error. Internal errors reveal no details. */
export function problemFromError(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof DomainError) return fromDomain(error);
  if (
    error instanceof DatabaseUnavailable ||
    error instanceof StorageUnavailable ||
    error instanceof QueueUnavailable
  ) {
    return unavailable;
  }
  return internalError;
}

const unavailable: Problem = {
  code: 'service_unavailable',
  detail:
    'A part of the service cannot be reached. Send the request again in a few seconds, with the same Idempotency-Key.',
  headers: { 'Retry-After': '5' },
};

const internalError: Problem = {
  code: 'internal_error',
  detail: 'The request failed because of an error on our side. Report its request_id if it happens again.',
};

function fromDomain(error: DomainError): Problem {
  switch (error.code) {
    case 'insufficient_credits':
      return insufficientCredits(error.detail);
    case 'not_found':
      return { code: 'not_found', detail: 'There is no such job.' };
    case 'prompt_not_found':
      return invalidField('custom_prompt_id', 'There is no such saved prompt.').problem;
    case 'job_already_finished':
      return { code: 'job_already_finished', detail: 'The job has already finished and cannot be canceled.' };
    case 'idempotency_key_reused':
      return {
        code: 'idempotency_key_reused',
        detail: 'This Idempotency-Key was used for a different request. Send a new key.',
      };
    case 'too_many_active_jobs':
      return {
        code: 'too_many_active_jobs',
        detail: 'You have the maximum number of unfinished jobs. Wait for one to finish, or cancel one.',
        extras: pick(error.detail, ['limit', 'active']),
        headers: { 'Retry-After': '5' },
      };
    case 'user_deleted':
      return {
        code: 'unauthenticated',
        detail: 'This account was deleted.',
        headers: { 'WWW-Authenticate': 'Bearer' },
      };
    case 'invalid_argument':
      return invalidField(pathOf(error), 'The value is not valid.').problem;
    case 'worker_unknown':
      return internalError;
  }
}

/** The 402, the same for a balance checked in advance and for a rejected debit. */
export function insufficientCredits(facts: Readonly<Record<string, unknown>>): Problem {
  return {
    code: 'insufficient_credits',
    detail:
      'Your balance does not cover the price of this image. Buy credits, or choose a cheaper model or size.',
    extras: pick(facts, ['balance', 'price']),
  };
}

function pathOf({ detail }: DomainError): string {
  return typeof detail.path === 'string' ? detail.path : '';
}

function pick(facts: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => name in facts).map((name) => [name, facts[name]]));
}
