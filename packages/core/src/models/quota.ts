import type { Coordination } from '../queue/coordination.ts';
import { QueueUnavailable } from '../queue/queue.ts';
import type { Breakers } from './breaker.ts';
import { type ModelRates, rateOf } from './rates.ts';

/** One minute, plus one second because the service counts calls on arrival and network delays differ. */
const windowMs = 61_000;

/**
 * Limits the requests per minute of each model across all workers. A call beyond the quota gets the same answer as after a
 * 429 with RetryInfo. While coordination is unavailable, each worker uses its share of the quota: the rate divided by the
 * number of workers last seen, and at least one. A call that ends as `unsent` releases its slot.
 */
export function withQuota(
  breakers: Breakers,
  deps: {
    rates: ModelRates | undefined;
    coordination: Pick<Coordination, 'reserve' | 'release'>;
    /** The account that the quota belongs to. */
    account: string;
    /** The number of workers of this account. */
    workers: () => number;
    /** Monotonic, in milliseconds. */
    now: () => number;
  },
): Breakers {
  const { rates, coordination, account, workers, now } = deps;
  if (!rates) return breakers;
  const local = createLocalSlots(now);

  async function reserve(model: string): Promise<{ waitMs: number } | { release: () => void }> {
    const limit = rateOf(rates, model);
    if (limit === null) return { release: () => undefined };
    const key = `${account}/${model}`;
    try {
      const reservation = await coordination.reserve(key, { limit, windowMs });
      if (!reservation.reserved) return reservation;
      const releaseLocal = local.add(model);
      return {
        release() {
          releaseLocal();
          // A slot that cannot be released expires with the window.
          coordination.release(key, reservation.slotId).catch(() => undefined);
        },
      };
    } catch (error) {
      if (!(error instanceof QueueUnavailable)) throw error;
      return local.reserve(model, Math.max(1, Math.floor(limit / workers())));
    }
  }

  return {
    ...breakers,
    async enter(model) {
      const gate = await breakers.enter(model);
      if (gate.open) return gate;
      const slot = await reserve(model).catch((error: unknown) => {
        gate.leave('unsent');
        throw error;
      });
      if ('waitMs' in slot) {
        gate.leave('unsent');
        return { open: true, code: 'rate_limited', remainingMs: slot.waitMs };
      }
      let left = false;
      return {
        ...gate,
        leave(end) {
          gate.leave(end);
          if (!left && end === 'unsent') slot.release();
          left = true;
        },
      };
    },
  };
}

/** The calls of this process within the window, whether reserved in coordination or locally. */
function createLocalSlots(now: () => number) {
  const taken = new Map<string, { at: number }[]>();
  const current = (model: string) => (taken.get(model) ?? []).filter(({ at }) => at > now() - windowMs);

  function add(model: string): () => void {
    const slot = { at: now() };
    taken.set(model, [...current(model), slot]);
    return () => {
      taken.set(
        model,
        current(model).filter((other) => other !== slot),
      );
    };
  }

  return {
    add,
    reserve(model: string, limit: number): { waitMs: number } | { release: () => void } {
      const slots = current(model);
      if (slots.length < limit) return { release: add(model) };
      return { waitMs: Math.max(1, slots[slots.length - limit]!.at + windowMs - now()) };
    },
  };
}
