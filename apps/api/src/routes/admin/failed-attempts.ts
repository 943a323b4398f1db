import type { RateLimiter } from '@darkroom/core/queue/rate-limiter';
import { createExpiringMap } from '@darkroom/core/runtime/time/expiring-map';
import { ProblemError } from '../../problem/problem.ts';

/** Blocks client addresses that have sent too many wrong tokens until their window is over. */
export interface FailedAttempts {
  /** @throws ProblemError rate_limited if the address is blocked */
  rejectIfBlocked(address: string): void;
  /** Counts a wrong token, over all processes. */
  count(address: string): Promise<void>;
}

const maxAddresses = 10_000;

/** `limiter` counts the attempts. `now` is monotonic, in milliseconds. */
export function createFailedAttempts(deps: { limiter: RateLimiter; now: () => number }): FailedAttempts {
  const { limiter, now } = deps;
  const blockedUntil = createExpiringMap<number>({ maxSize: maxAddresses, now });

  return {
    rejectIfBlocked(address) {
      const until = blockedUntil.get(address);
      if (until !== undefined) throw tooManyAttempts(until - now());
    },
    async count(address) {
      const { remaining, resetMs } = await limiter.consume(address);
      if (remaining > 0) return;
      const until = now() + resetMs;
      blockedUntil.set(address, until, until);
    },
  };
}

export function tooManyAttempts(resetMs: number): ProblemError {
  const seconds = Math.max(1, Math.ceil(resetMs / 1_000));
  return new ProblemError({
    code: 'rate_limited',
    detail: `Too many attempts to sign in. Try again in ${seconds} seconds.`,
    headers: { 'Retry-After': String(seconds) },
  });
}
