import type { ModelRates } from '../config/kinds.ts';
import { QueueUnavailable } from '../queue/queue.ts';
import type { Places, Shared } from '../queue/shared.ts';
import type { Breakers } from './breaker.ts';

/** A minute, and what two calls may differ by on their way: the service counts them as they come. */
const windowMs = 61_000;

/**
 * Keeps each model to its requests a minute, over all workers: no more are let go in any minute. A call too many is
 * told what a 429 with RetryInfo would tell. While what is shared is away, each worker keeps to its share by itself:
 * the rate divided by the number of workers that were there last, and at least one.
 */
export function withQuota(
  breakers: Breakers,
  deps: {
    rates: ModelRates | undefined;
    shared: Pick<Shared, 'takePlace'>;
    /** How many workers there are. */
    workers: () => number;
    /** Monotonic, in milliseconds. */
    now: () => number;
  },
): Breakers {
  const { rates, shared, workers, now } = deps;
  if (!rates) return breakers;
  const own = createOwnPlaces(now);

  /** Milliseconds to wait; null when the call may be sent. */
  async function waitOf(model: string): Promise<number | null> {
    const most = rateOf(rates, model);
    if (most === null) return null;
    try {
      const answer = await shared.takePlace(model, { most, windowMs });
      if (!answer.taken) return answer.waitMs;
      own.note(model);
      return null;
    } catch (error) {
      if (!(error instanceof QueueUnavailable)) throw error;
      return own.take(model, { most: Math.max(1, Math.floor(most / workers())), windowMs });
    }
  }

  return {
    ...breakers,
    async enter(model) {
      const gate = await breakers.enter(model);
      if (gate.open) return gate;
      const waitMs = await waitOf(model).catch((error: unknown) => {
        gate.leave('abandoned');
        throw error;
      });
      if (waitMs === null) return gate;
      gate.leave('abandoned');
      return { open: true, code: 'rate_limited', remainingMs: waitMs };
    },
  };
}

/** Requests a minute of a model; null where there is no limit. */
export function rateOf(rates: ModelRates | undefined, model: string): number | null {
  return rates?.byModel[model] ?? rates?.others ?? null;
}

/** The calls of this process within the window, whoever allowed them. */
function createOwnPlaces(now: () => number) {
  const taken = new Map<string, number[]>();
  const fresh = (model: string) => (taken.get(model) ?? []).filter((at) => at > now() - windowMs);
  return {
    note(model: string): void {
      taken.set(model, [...fresh(model), now()]);
    },
    take(model: string, { most }: Places): number | null {
      const places = fresh(model);
      if (places.length >= most) return Math.max(1, places[places.length - most]! + windowMs - now());
      taken.set(model, [...places, now()]);
      return null;
    },
  };
}
