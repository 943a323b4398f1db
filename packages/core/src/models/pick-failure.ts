import type { Failure, FailureCode } from '../job/failure.ts';
import { defaultRateLimitMs } from './breaker.ts';

/** The last failure of one model of the chain. */
export interface ModelFailure {
  model: string;
  failure: Failure;
}

/**
 * Which failure speaks for a chain, first to last. What another run may mend comes before what it may not,
 * and `rate_limited`, which is waited out for free, speaks only where no other model costs a call each time:
 * beside it there are only models that do not exist.
 */
const precedence: readonly FailureCode[] = [
  'provider_unavailable',
  'no_image',
  'bad_image',
  'rate_limited',
  'model_unavailable',
];

/**
 * Sums up a chain of which every model failed. The cause names them all; `retryAfterMs` is the soonest time
 * at which one of the models that failed like this can be tried again, absent when that is now.
 */
export function pickFailure(failed: readonly ModelFailure[]): Failure {
  const code = precedence.find((candidate) => failed.some(({ failure }) => failure.code === candidate));
  if (!code) return { code: 'model_unavailable', cause: 'no model can make an image of this size and ratio' };

  const cause = failed.map(({ model, failure }) => `${model}: ${failure.code}: ${failure.cause}`).join('; ');
  const alike = failed.filter(({ failure }) => failure.code === code);
  const usualMs = code === 'rate_limited' ? defaultRateLimitMs : 0;
  const retryAfterMs = Math.min(...alike.map(({ failure }) => failure.retryAfterMs ?? usualMs));
  return {
    code,
    cause,
    ...(retryAfterMs > 0 && { retryAfterMs }),
    ...(alike.every(({ failure }) => failure.timedOut) && { timedOut: true }),
  };
}
