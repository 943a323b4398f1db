import { type Failure, type FailureCode, failures } from './failure.ts';

export type RetryDecision = { kind: 'retry'; delayMs: number; counts: boolean } | { kind: 'fail' };

export interface RetryInput {
  failure: Failure;
  /** Retries of this job that counted against the budget. */
  countedRetries: number;
  /** The codes whose single retry this job has used. */
  onceUsed: readonly FailureCode[];
  /** How often a job may run, including its first run. */
  maxAttempts: number;
  /** The job has no model calls left, so another run cannot succeed. */
  callsSpent?: boolean;
  /** From 0 to 1. */
  random: () => number;
}

/**
 * The delay before a counted retry is random between `baseMs` and a bound that doubles with every retry, up to `capMs`:
 * at most 4 s, 8 s, 16 s, then 30 s. With MAX_ATTEMPTS below 5 there is no fourth retry, and the cap has no effect.
 */
export const backoff = { baseMs: 2_000, capMs: 30_000 } as const;

/** The delay after a spent quota when the service names none. */
const rateLimitDelayMs = 20_000;
/** The delay after a failure that an operator must fix. */
const misconfiguredDelayMs = 60_000;
/** The shortest delay of a retry that does not count. */
const minDelayMs = 1_000;

/**
 * Decides whether a failed job runs again, and when. Depends only on the failure table and its input.
 * Never shortens a delay that the provider requires. The caller checks whether the delay ends before the deadline.
 * `counts` is true when the retry counts against MAX_ATTEMPTS.
 */
export function decideRetry(input: RetryInput): RetryDecision {
  const { failure, countedRetries, onceUsed, maxAttempts, callsSpent } = input;
  if (callsSpent) return { kind: 'fail' };
  const hasBudget = countedRetries < maxAttempts - 1;

  switch (failures[failure.code].retry) {
    case 'never':
      return { kind: 'fail' };
    case 'once':
      if (!hasBudget || onceUsed.includes(failure.code)) return { kind: 'fail' };
      return { kind: 'retry', delayMs: backoffDelay(input), counts: true };
    case 'budget':
      if (!hasBudget) return { kind: 'fail' };
      return { kind: 'retry', delayMs: backoffDelay(input), counts: true };
    case 'until_deadline':
      return { kind: 'retry', delayMs: uncountedDelay(input), counts: false };
  }
}

/** A random delay, at least as long as the provider requires. */
function backoffDelay({ failure, countedRetries, random }: RetryInput): number {
  const boundMs = Math.min(backoff.capMs, backoff.baseMs * 2 ** (countedRetries + 1));
  const delayMs = Math.round(backoff.baseMs + random() * (boundMs - backoff.baseMs));
  return Math.max(delayMs, failure.retryAfterMs ?? 0);
}

/** The required delay plus up to a fifth (10 s at most), so that jobs waiting for one quota do not all retry together. */
function uncountedDelay({ failure, random }: RetryInput): number {
  const defaultMs = failure.code === 'rate_limited' ? rateLimitDelayMs : misconfiguredDelayMs;
  const delayMs = Math.max(failure.retryAfterMs ?? defaultMs, minDelayMs);
  const spreadMs = Math.min(10_000, delayMs / 5);
  return Math.round(delayMs + random() * spreadMs);
}
