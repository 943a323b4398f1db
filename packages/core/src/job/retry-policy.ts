import { type Failure, type FailureCode, failures } from './failure.ts';

export type RetryDecision = { kind: 'retry'; delayMs: number; counts: boolean } | { kind: 'fail' };

export interface RetryQuestion {
  failure: Failure;
  /** Runs of this job that were retries and were paid for by the budget. */
  countedRetries: number;
  /** Codes for which this job has already had its single further run. */
  onceUsed: readonly FailureCode[];
  /** How often a job may run, its first run included. */
  maxAttempts: number;
  /** No model call is left to the job: a further run could not make one. */
  callsSpent?: boolean;
  /** From 0 to 1. */
  random: () => number;
}

const backoff = { fromMs: 2_000, toMs: 30_000 };
const rateLimitPauseMs = 20_000;
const setupPauseMs = 60_000;
const shortestWaitMs = 1_000;

/**
 * Whether a failed job runs again, and when. Pure: the failure table and the question decide.
 * A wait that the provider asked for is never cut short; whether it still fits before the deadline is for
 * the caller to see. `counts` says whether the retry is paid for by the budget.
 */
export function decide(question: RetryQuestion): RetryDecision {
  const { failure, countedRetries, onceUsed, maxAttempts, callsSpent } = question;
  if (callsSpent) return { kind: 'fail' };
  const hasBudget = countedRetries < maxAttempts - 1;

  switch (failures[failure.code].retry) {
    case 'never':
      return { kind: 'fail' };
    case 'once':
      if (!hasBudget || onceUsed.includes(failure.code)) return { kind: 'fail' };
      return { kind: 'retry', delayMs: backOff(question), counts: true };
    case 'budget':
      if (!hasBudget) return { kind: 'fail' };
      return { kind: 'retry', delayMs: backOff(question), counts: true };
    case 'until_deadline':
      return { kind: 'retry', delayMs: waitOut(question), counts: false };
  }
}

/** Anywhere between 2 s and a bound that doubles with every retry, up to 30 s; later if we were asked to. */
function backOff({ failure, countedRetries, random }: RetryQuestion): number {
  const bound = Math.min(backoff.toMs, backoff.fromMs * 2 ** (countedRetries + 1));
  const delayMs = Math.round(backoff.fromMs + random() * (bound - backoff.fromMs));
  return Math.max(delayMs, failure.retryAfterMs ?? 0);
}

/** The wait asked for and a little more, so that the jobs which waited together do not come back as one. */
function waitOut({ failure, random }: RetryQuestion): number {
  const usual = failure.code === 'rate_limited' ? rateLimitPauseMs : setupPauseMs;
  const waitMs = Math.max(failure.retryAfterMs ?? usual, shortestWaitMs);
  const spreadMs = Math.min(10_000, waitMs / 5);
  return Math.round(waitMs + random() * spreadMs);
}
