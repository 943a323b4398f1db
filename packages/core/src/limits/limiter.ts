import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { QueueUnavailable } from '../queue/queue.ts';
import type { Shared } from '../queue/shared.ts';

export interface Limiter {
  /** As it is told in headers. */
  readonly policy: { name: string; most: number; seconds: number };
  /**
   * Counts one more of `key`. Never fails: while what the processes share is away, this process counts for itself.
   * Takes a quarter of a second at the longest.
   */
  take(key: string): Promise<LimitAnswer>;
}

export interface LimitAnswer {
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
  const { name, most, seconds } = policy;
  const alone = new RateLimiterMemory({ points: most, duration: seconds });

  async function countAlone(key: string) {
    const { consumedPoints, msBeforeNext } = await alone.consume(key).catch((reason: unknown) => {
      if (reason instanceof RateLimiterRes) return reason;
      throw reason;
    });
    return { counted: consumedPoints, resetMs: msBeforeNext };
  }

  return {
    policy,
    async take(key) {
      const own = `${name}:${key}`;
      const { counted, resetMs } = await shared.count(own, { most, seconds }).catch((error: unknown) => {
        if (error instanceof QueueUnavailable) return countAlone(own);
        throw error;
      });
      return { allowed: counted <= most, remaining: Math.max(0, most - counted), resetMs };
    },
  };
}
