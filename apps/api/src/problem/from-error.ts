import { QueueUnavailable } from '@darkroom/core/queue/queue';
import { StorageUnavailable } from '@darkroom/core/storage/storage';
import { DatabaseUnavailable, DomainError } from '@darkroom/db/errors';
import { invalid } from './invalid.ts';
import { type Problem, ProblemError } from './problem.ts';

/** What a client is told about an error. Of our own faults it learns nothing but that there was one. */
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
    'A part of the service cannot be reached. Send the request again in a few seconds, with its Idempotency-Key.',
  headers: { 'Retry-After': '5' },
};

const internalError: Problem = {
  code: 'internal_error',
  detail: 'The request could not be served. Nothing more is known than its request_id.',
};

function fromDomain(error: DomainError): Problem {
  switch (error.code) {
    case 'insufficient_credits':
      return insufficientCredits(error.detail);
    case 'not_found':
      return { code: 'not_found', detail: 'There is no such job.' };
    case 'prompt_not_found':
      return invalid('custom_prompt_id', 'There is no such saved prompt.').problem;
    case 'job_already_finished':
      return { code: 'job_already_finished', detail: 'A finished job cannot be changed.' };
    case 'idempotency_key_reused':
      return {
        code: 'idempotency_key_reused',
        detail: 'This Idempotency-Key belongs to an earlier request that asked for something else.',
      };
    case 'too_many_active_jobs':
      return {
        code: 'too_many_active_jobs',
        detail: 'You have as many unfinished jobs as are allowed. Wait for one to finish, or cancel one.',
        extras: only(error.detail, ['limit', 'active']),
        headers: { 'Retry-After': '5' },
      };
    case 'user_deleted':
      return {
        code: 'unauthenticated',
        detail: 'This account was deleted.',
        headers: { 'WWW-Authenticate': 'Bearer' },
      };
    case 'invalid_argument':
      return invalid(pathOf(error), 'The value is not accepted.').problem;
    case 'worker_unknown':
      return internalError;
  }
}

/** The 402, told alike whether the balance was looked at beforehand or the debit was refused. */
export function insufficientCredits(facts: Readonly<Record<string, unknown>>): Problem {
  return {
    code: 'insufficient_credits',
    detail: 'The balance does not cover the price of this image.',
    extras: only(facts, ['balance', 'price']),
  };
}

function pathOf({ detail }: DomainError): string {
  return typeof detail.path === 'string' ? detail.path : '';
}

function only(facts: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => name in facts).map((name) => [name, facts[name]]));
}
