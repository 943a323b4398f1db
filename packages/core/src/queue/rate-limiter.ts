import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Coordination, Count } from './coordination.ts';
import { QueueUnavailable } from './queue.ts';

export interface RateLimitPolicy {
  name: string;
  limit: number;
  windowSeconds: number;
}

export interface RateLimiter {
  readonly policy: RateLimitPolicy;
  /**
   * Counts one request of `key`. Never fails: while coordination is unavailable, this process counts on its own.
   * Takes no longer than one call of coordination, a quarter of a second.
   */
  consume(key: string): Promise<RateLimitResult>;
  /**
   * Counts one request of `key` and, if that is allowed, also one of the inner limiter's key, with a single call. Returns
   * the result of the limiter that was counted last. Both limiters must use the same coordination.
   */
  consumeWith(key: string, inner: LimitedKey): Promise<RateLimitResult>;
  /** Counts one request of `key` in this process only. */
  consumeLocally(key: string): Promise<RateLimitResult>;
}

export interface LimitedKey {
  limiter: Pick<RateLimiter, 'policy' | 'consumeLocally'>;
  key: string;
}

export interface RateLimitResult {
  /** The policy of the limiter that gave this result. */
  policy: RateLimitPolicy;
  allowed: boolean;
  remaining: number;
  /** Milliseconds until the window ends. */
  resetMs: number;
}

/**
 * Allows `limit` requests of each key in `windowSeconds`, counted over all processes of the deployment. The window of a key
 * starts with its first request.
 */
export function createRateLimiter({
  coordination,
  ...policy
}: RateLimitPolicy & { coordination: Pick<Coordination, 'count'> }): RateLimiter {
  const local = new RateLimiterMemory({ points: policy.limit, duration: policy.windowSeconds });
  const limiter: RateLimiter = {
    policy,
    consume: (key) => consumeInOrder(coordination, [{ limiter, key }]),
    consumeWith: (key, inner) => consumeInOrder(coordination, [{ limiter, key }, inner]),
    async consumeLocally(key) {
      const { consumedPoints, msBeforeNext } = await local.consume(key).catch((reason: unknown) => {
        if (reason instanceof RateLimiterRes) return reason;
        throw reason;
      });
      return resultOf(policy, { count: consumedPoints, resetMs: msBeforeNext });
    },
  };
  return limiter;
}

async function consumeInOrder(
  coordination: Pick<Coordination, 'count'>,
  keys: readonly LimitedKey[],
): Promise<RateLimitResult> {
  const counters = keys.map(({ limiter: { policy }, key }) => {
    const { name, limit, windowSeconds } = policy;
    return { key: `${name}:${key}`, limit, windowSeconds };
  });
  try {
    const counts = await coordination.count(counters);
    return resultOf(keys[counts.length - 1]!.limiter.policy, counts.at(-1)!);
  } catch (error) {
    if (error instanceof QueueUnavailable) return consumeAllLocally(keys);
    throw error;
  }
}

async function consumeAllLocally([outer, ...inner]: readonly LimitedKey[]): Promise<RateLimitResult> {
  const result = await outer!.limiter.consumeLocally(outer!.key);
  return result.allowed && inner.length > 0 ? consumeAllLocally(inner) : result;
}

function resultOf(policy: RateLimitPolicy, { count, resetMs }: Count): RateLimitResult {
  return { policy, allowed: count <= policy.limit, remaining: Math.max(0, policy.limit - count), resetMs };
}
