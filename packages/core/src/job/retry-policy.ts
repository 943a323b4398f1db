import { type Failure, type FailureCode, failures } from './failure.ts';

export type RetryDecision = { kind: 'retry'; delayMs: number; counts: boolean } | { kind: 'fail' };

export interface RetryInput {
  failure: Failure;
  /** Retries of this job that counted against the budget. */
  countedRetries: number;
  /** Codes for which this job has used its single retry. */
  onceUsed: readonly FailureCode[];
  /** How often a job may run, its first run included. */
  maxAttempts: number;
  /** No model call is left to the job, so another run could not make one. */
  callsSpent?: boolean;
  /** From 0 to 1. */
  random: () => number;
}

/**
 * The delay before a counted retry is random between `baseMs` and a bound that doubles with every retry, up to `capMs`:
 * at most 4 s, 8 s, 16 s, then 30 s. With MAX_ATTEMPTS below 5 there is no fourth retry, and the cap has no effect.
 */
export const backoff = { baseMs: 2_000, capMs: 30_000 } as const;

/** The delay after a spent quota, where the service asks for none. */
const rateLimitDelayMs = 20_000;
/** The delay after a failure that an operator must fix. */
const misconfiguredDelayMs = 60_000;
/** The shortest delay of a retry that counts nothing. */
const minDelayMs = 1_000;

/**
 * Decides whether a failed job runs again, and when. Pure: depends on the failure table and its input only.
 * A delay that the provider asked for is never shortened. The caller checks whether it ends before the deadline.
 * `counts` says whether the retry counts against MAX_ATTEMPTS.
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

/** At least as long as the provider asked for. */
function backoffDelay({ failure, countedRetries, random }: RetryInput): number {
  const boundMs = Math.min(backoff.capMs, backoff.baseMs * 2 ** (countedRetries + 1));
  const delayMs = Math.round(backoff.baseMs + random() * (boundMs - backoff.baseMs));
  return Math.max(delayMs, failure.retryAfterMs ?? 0);
}

/** The delay asked for, plus up to a fifth, so that jobs which waited for the same quota do not all return at once. */
function uncountedDelay({ failure, random }: RetryInput): number {
  const defaultMs = failure.code === 'rate_limited' ? rateLimitDelayMs : misconfiguredDelayMs;
  const delayMs = Math.max(failure.retryAfterMs ?? defaultMs, minDelayMs);
  const spreadMs = Math.min(10_000, delayMs / 5);
  return Math.round(delayMs + random() * spreadMs);
}
