import type { Limiter } from '@darkroom/core/queue/rate-limiter';
import { ProblemError } from '../problem/problem.ts';

/** Keeps senders from guessing: who has shown too many wrong tokens is not listened to until the minute is over. */
export interface Failures {
  /** @throws ProblemError rate_limited */
  refuseGuesser(sender: string): void;
  /** Counts a wrong token, over all processes. */
  count(sender: string): Promise<void>;
}

const maxRemembered = 10_000;

/** Creates {@link Failures} that `attempts` counts. `now` is monotonic, in milliseconds. */
export function createFailures({ attempts, now }: { attempts: Limiter; now: () => number }): Failures {
  /** Until when a sender is refused. The oldest is forgotten first. */
  const refusedUntil = new Map<string, number>();

  return {
    refuseGuesser(sender) {
      const resetMs = (refusedUntil.get(sender) ?? 0) - now();
      if (resetMs > 0) throw tooManyAttempts(resetMs);
      refusedUntil.delete(sender);
    },
    async count(sender) {
      const { remaining, resetMs } = await attempts.take(sender);
      if (remaining > 0) return;
      refusedUntil.set(sender, now() + resetMs);
      if (refusedUntil.size > maxRemembered) refusedUntil.delete(refusedUntil.keys().next().value!);
    },
  };
}

export function tooManyAttempts(resetMs: number): ProblemError {
  const headers = { 'Retry-After': String(Math.max(1, Math.ceil(resetMs / 1_000))) };
  return new ProblemError({ code: 'rate_limited', detail: 'Too many attempts to sign in.', headers });
}
