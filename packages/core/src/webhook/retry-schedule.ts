const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/**
 * The delays between the attempts of a webhook delivery, in milliseconds. A receiver that restarts is retried soon; one that
 * is down for hours still gets everything.
 */
export const webhookRetryDelaysMs = [
  5 * second,
  30 * second,
  2 * minute,
  10 * minute,
  30 * minute,
  hour,
  2 * hour,
  4 * hour,
  8 * hour,
] as const;

/** The longest that a receiver may postpone the next attempt with Retry-After. */
const maxRetryAfterMs = 4 * hour;

/**
 * Milliseconds until the next attempt, or null when the schedule is used up.
 * @param options.attempts attempts so far, in this schedule
 * @param options.retryAfterMs what the receiver asked for, or 0
 * @param options.random 0 up to 1: spreads the attempt by a fifth to either side
 */
export function webhookRetryDelay(options: {
  attempts: number;
  retryAfterMs: number;
  random: number;
}): number | null {
  const { attempts, retryAfterMs, random } = options;
  const delayMs = webhookRetryDelaysMs[attempts - 1];
  if (delayMs === undefined) return null;
  const spreadMs = delayMs * (0.8 + 0.4 * random);
  return Math.round(Math.max(spreadMs, Math.min(retryAfterMs, maxRetryAfterMs)));
}
