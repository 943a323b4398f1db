import { type CreditCosts, priceOf } from '@darkroom/core/job/price';
import { hasBeenAnswering } from '@darkroom/core/models/answering';
import { abilitiesOf } from '@darkroom/core/models/catalog';
import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { createShared } from '../../http/shared.ts';

/** How long one reading of the recent calls serves everyone, in milliseconds. */
const freshMs = 5_000;

/**
 * `GET /v1/models`: what can be asked for, in the order in which models stand in for each other: sizes, ratios, prices,
 * whether it has been answering, and how long an image has been taking of late.
 */
export function listModels(deps: {
  db: Pick<Database, 'getModelHealth'>;
  models: readonly string[];
  creditCosts: CreditCosts;
  now: () => number;
}): Handler<ApiEnv> {
  const { db, models, creditCosts, now } = deps;
  const health = createShared({ ask: db.getModelHealth, freshMs, now });

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
        recent_median_seconds: secondsOf(recent[id]?.median_ms ?? null),
      };
    });
    return c.json({ data, next_cursor: null });
  };
}

function secondsOf(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms / 100) / 10;
}
