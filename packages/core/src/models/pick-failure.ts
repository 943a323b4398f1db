import type { Failure, NextModelCode } from '../job/failure.ts';
import { defaultRateLimitMs } from './breaker.ts';

/** The last failure of one model of the chain, after which the next one was tried. */
export interface ModelFailure {
  model: string;
  failure: Failure & { code: NextModelCode };
}

/**
 * The order in which a failure is selected for the chain, lowest first. Failures that another run may fix come first.
 * `rate_limited` retries without limit, so it ranks below every failure whose retries cost calls. It is selected only
 * when all other models are unavailable.
 */
const precedence: Readonly<Record<NextModelCode, number>> = {
  provider_unavailable: 1,
  no_image: 2,
  bad_image: 3,
  rate_limited: 4,
  model_unavailable: 5,
};

/**
 * Selects the failure of a chain in which every model failed. The cause lists all failures. `retryAfterMs` is the shortest
 * delay among the models with the selected code; it is absent when one of them can be tried now.
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
