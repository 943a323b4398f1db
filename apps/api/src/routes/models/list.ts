import { type CreditCosts, priceOf } from '@darkroom/core/job/price';
import { abilitiesOf } from '@darkroom/core/models/catalog';
import type { Database, ModelHealth } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { createShared } from '../../http/shared.ts';

/** How long one reading of the recent calls serves everyone, in milliseconds. */
const freshMs = 5_000;

/**
 * `GET /v1/models`: what can be asked for, in the order in which models stand in for each other: sizes, ratios, prices,
 * whether it has been answering, and how long a picture has been taking of late.
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
        available: isAvailable(recent[id]),
        recent_median_seconds: secondsOf(recent[id]?.median_ms ?? null),
      };
    });
    return c.json({ data, next_cursor: null });
  };
}

/** What says something about the model, and not about what was asked of it. */
const faults = new Set([
  'model_unavailable',
  'rate_limited',
  'provider_unavailable',
  'provider_misconfigured',
]);

/** A model that nobody has called lately is thought to answer: to ask is the only way to know. */
function isAvailable(health: ModelHealth | undefined): boolean {
  const latest = health?.latest ?? [];
  if (latest[0] === 'model_unavailable') return false;
  return latest.length < 3 || latest.some((code) => !faults.has(code));
}

function secondsOf(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms / 100) / 10;
}
