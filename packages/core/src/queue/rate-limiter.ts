import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { QueueUnavailable } from './queue.ts';
import type { Count, Shared } from './shared.ts';

export interface Limiter {
  /** As it is told in headers. */
  readonly policy: { name: string; most: number; seconds: number };
  /**
   * Counts one more of `key`. Never fails: while what the processes share is away, this process counts for itself.
   * Takes a quarter of a second at the longest.
   */
  take(key: string): Promise<LimitAnswer>;
  /**
   * As `take`, and where that is allowed also of the inner limit's key: one question for both. The answer of the limit
   * that was asked last. Both limiters must count by the same `shared`.
   */
  takeWith(key: string, inner: Claim): Promise<LimitAnswer>;
  /** Counts one more of `key` in this process alone. */
  takeAlone(key: string): Promise<LimitAnswer>;
}

/** One more of `key`, by `limiter`. */
export interface Claim {
  limiter: Pick<Limiter, 'policy' | 'takeAlone'>;
  key: string;
}

export interface LimitAnswer {
  /** Whose answer it is. */
  policy: Limiter['policy'];
  allowed: boolean;
  remaining: number;
  /** Until the window is over, in milliseconds. */
  resetMs: number;
}

/**
 * Lets each key do something `most` times in `seconds`, counted over all processes of the deployment.
 * The window of a key begins with its first time.
 */
export function createLimiter({
  shared,
  ...policy
}: Limiter['policy'] & { shared: Pick<Shared, 'count'> }): Limiter {
  const alone = new RateLimiterMemory({ points: policy.most, duration: policy.seconds });
  const limiter: Limiter = {
    policy,
    take: (key) => takeInTurn(shared, [{ limiter, key }]),
    takeWith: (key, inner) => takeInTurn(shared, [{ limiter, key }, inner]),
    async takeAlone(key) {
      const { consumedPoints, msBeforeNext } = await alone.consume(key).catch((reason: unknown) => {
        if (reason instanceof RateLimiterRes) return reason;
        throw reason;
      });
      return answerOf(policy, { counted: consumedPoints, resetMs: msBeforeNext });
    },
  };
  return limiter;
}

async function takeInTurn(shared: Pick<Shared, 'count'>, claims: readonly Claim[]): Promise<LimitAnswer> {
  const counters = claims.map(({ limiter: { policy }, key }) => {
    const { name, most, seconds } = policy;
    return { key: `${name}:${key}`, most, seconds };
  });
  try {
    const counts = await shared.count(counters);
    return answerOf(claims[counts.length - 1]!.limiter.policy, counts.at(-1)!);
  } catch (error) {
    if (error instanceof QueueUnavailable) return takeAllAlone(claims);
    throw error;
  }
}

async function takeAllAlone([claim, ...inner]: readonly Claim[]): Promise<LimitAnswer> {
  const answer = await claim!.limiter.takeAlone(claim!.key);
  return answer.allowed && inner.length > 0 ? takeAllAlone(inner) : answer;
}

function answerOf(policy: Limiter['policy'], { counted, resetMs }: Count): LimitAnswer {
  return { policy, allowed: counted <= policy.most, remaining: Math.max(0, policy.most - counted), resetMs };
}
