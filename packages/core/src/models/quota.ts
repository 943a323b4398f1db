import { QueueUnavailable } from '../queue/queue.ts';
import type { Places, Shared } from '../queue/shared.ts';
import type { ModelRates } from '../runtime/config/kinds.ts';
import type { Breakers } from './breaker.ts';

/** A minute, and what two calls may differ by on their way: the service counts them as they come. */
const windowMs = 61_000;

/**
 * Keeps each model to its requests a minute, over all workers: no more are let go in any minute. A call too many is
 * told what a 429 with RetryInfo would tell. While what is shared is away, each worker keeps to its share by itself:
 * the rate divided by the number of workers that were there last, and at least one. Who leaves without having sent the
 * call gives its place back.
 */
export function withQuota(
  breakers: Breakers,
  deps: {
    rates: ModelRates | undefined;
    shared: Pick<Shared, 'takePlace' | 'givePlace'>;
    /** Whose quota it is. */
    account: string;
    /** How many workers of this account there are. */
    workers: () => number;
    /** Monotonic, in milliseconds. */
    now: () => number;
  },
): Breakers {
  const { rates, shared, account, workers, now } = deps;
  if (!rates) return breakers;
  const own = createOwnPlaces(now);

  async function take(model: string): Promise<{ waitMs: number } | { giveBack: () => void }> {
    const most = rateOf(rates, model);
    if (most === null) return { giveBack: () => undefined };
    const key = `${account}/${model}`;
    try {
      const answer = await shared.takePlace(key, { most, windowMs });
      if (!answer.taken) return answer;
      const giveOwnBack = own.note(model);
      return {
        giveBack() {
          giveOwnBack();
          // A place that cannot be given back is free again within the minute.
          shared.givePlace(key, answer.place).catch(() => undefined);
        },
      };
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
      const answer = await take(model).catch((error: unknown) => {
        gate.leave('unsent');
        throw error;
      });
      if ('waitMs' in answer) {
        gate.leave('unsent');
        return { open: true, code: 'rate_limited', remainingMs: answer.waitMs };
      }
      let left = false;
      return {
        ...gate,
        leave(end) {
          gate.leave(end);
          if (!left && end === 'unsent') answer.giveBack();
          left = true;
        },
      };
    },
  };
}

/** Requests a minute of a model; null where there is no limit. */
export function rateOf(rates: ModelRates | undefined, model: string): number | null {
  return rates?.byModel[model] ?? rates?.others ?? null;
}

/** The calls of this process within the window, whoever allowed them. */
function createOwnPlaces(now: () => number) {
  const taken = new Map<string, { at: number }[]>();
  const fresh = (model: string) => (taken.get(model) ?? []).filter(({ at }) => at > now() - windowMs);

  function note(model: string): () => void {
    const place = { at: now() };
    taken.set(model, [...fresh(model), place]);
    return () => {
      taken.set(
        model,
        fresh(model).filter((other) => other !== place),
      );
    };
  }

  return {
    note,
    take(model: string, { most }: Places): { waitMs: number } | { giveBack: () => void } {
      const places = fresh(model);
      if (places.length < most) return { giveBack: note(model) };
      return { waitMs: Math.max(1, places[places.length - most]!.at + windowMs - now()) };
    },
  };
}
