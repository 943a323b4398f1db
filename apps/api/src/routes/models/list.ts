import { type CreditCosts, priceOf } from '@darkroom/core/job/price';
import { hasBeenAnswering } from '@darkroom/core/models/answering';
import { abilitiesOf } from '@darkroom/core/models/catalog';
import { singleFlight } from '@darkroom/core/runtime/time/single-flight';
import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';

/** How long one read of the recent model calls is reused, in milliseconds. */
const freshMs = 5_000;

export interface ListModelsDeps {
  db: Pick<Database, 'getModelHealth'>;
  /** In the order of fallback. */
  models: readonly string[];
  creditCosts: CreditCosts;
  /** Monotonic milliseconds. */
  now: () => number;
}

/**
 * `GET /v1/models`: the configured models in the order of fallback, with sizes, aspect ratios, prices, availability and
 * the recent median duration of an image.
 */
export function listModels(deps: ListModelsDeps): Handler<ApiEnv> {
  const { db, models, creditCosts, now } = deps;
  const health = singleFlight({ work: db.getModelHealth, freshMs, now });

  return async (c) => {
    const recent = await health();
    const data = models.map((id) => {
      const { imageSizes, aspectRatios } = abilitiesOf(id);
      return {
        id,
        sizes: imageSizes,
        aspect_ratios: aspectRatios,
        price: Object.fromEntries(imageSizes.map((size) => [size, priceOf(creditCosts, id, size)])),
        available: hasBeenAnswering(recent[id]?.latest ?? []),
        recent_median_seconds: toSeconds(recent[id]?.median_ms ?? null),
      };
    });
    return c.json({ data, next_cursor: null });
  };
}

function toSeconds(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms / 100) / 10;
}
