import type { Failure, NextModelCode } from '../job/failure.ts';
import { defaultRateLimitMs } from './breaker.ts';

/** The last failure of one model of the chain, after which the next one was tried. */
export interface ModelFailure {
  model: string;
  failure: Failure & { code: NextModelCode };
}

/**
 * Which failure stands for a chain, lowest first. What another run may mend comes before what it may not. `rate_limited`,
 * which is waited out for free, stands for the chain only where no other model costs a call each time: beside it there
 * are only models that do not exist.
 */
const precedence: Readonly<Record<NextModelCode, number>> = {
  provider_unavailable: 1,
  no_image: 2,
  bad_image: 3,
  rate_limited: 4,
  model_unavailable: 5,
};

/**
 * Sums up a chain of which every model failed. The cause names them all; `retryAfterMs` is the soonest time
 * at which one of the models that failed like this can be tried again, absent when that is now.
 */
export function pickFailure(failed: readonly ModelFailure[]): Failure {
  const [first] = failed.toSorted((a, b) => precedence[a.failure.code] - precedence[b.failure.code]);
  if (!first)
    return { code: 'model_unavailable', cause: 'no model can make an image of this size and ratio' };

  const { code } = first.failure;
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
