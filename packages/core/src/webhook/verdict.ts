/** What came of sending a webhook once. */
export type WebhookAnswer =
  /** The receiver answered; `retryAfterMs` is what it asked for, if it did. */
  | { kind: 'answered'; status: number; retryAfterMs: number | null }
  /** No answer came, or not in time. `reason` holds nothing that the receiver's owner may not read. */
  | { kind: 'unanswered'; reason: string }
  /** It was not sent: the address may not be reached. */
  | { kind: 'refused'; reason: string };

/** What becomes of the delivery. */
export interface WebhookVerdict {
  result: 'delivered' | 'retry' | 'failed';
  status: number | null;
  error: string | null;
  /** Until the next attempt; 0 unless it is retried. */
  delayMs: number;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Waits between attempts: a receiver that restarts misses little, one that is down for hours still gets everything. */
export const retryDelaysMs = [
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

/** The longest that a receiver may put us off with Retry-After. */
const longestRetryAfterMs = 4 * hour;

/**
 * Judges one attempt. 2xx is delivered. 410 and an address that may not be reached end it; everything else, redirects
 * included, is tried again until the schedule is used up.
 * @param options.tries attempts of this schedule, this one included
 * @param options.random 0 up to 1: spreads the next attempt by a fifth to either side
 */
export function judgeWebhook(
  answer: WebhookAnswer,
  { tries, random }: { tries: number; random: number },
): WebhookVerdict {
  const status = answer.kind === 'answered' ? answer.status : null;
  if (status !== null && status >= 200 && status < 300) {
    return { result: 'delivered', status, error: null, delayMs: 0 };
  }
  const error = wording(answer);
  const waitMs = retryDelaysMs[tries - 1];
  if (answer.kind === 'refused' || status === 410 || waitMs === undefined) {
    return { result: 'failed', status, error, delayMs: 0 };
  }
  const askedMs = answer.kind === 'answered' ? (answer.retryAfterMs ?? 0) : 0;
  const spreadMs = waitMs * (0.8 + 0.4 * random);
  return {
    result: 'retry',
    status,
    error,
    delayMs: Math.round(Math.max(spreadMs, Math.min(askedMs, longestRetryAfterMs))),
  };
}

function wording(answer: WebhookAnswer): string {
  if (answer.kind !== 'answered') return answer.reason;
  if (answer.status === 410) return 'answered 410: it wants no more';
  if (answer.status >= 300 && answer.status < 400)
    return `answered ${answer.status}: redirects are not followed`;
  return `answered ${answer.status}`;
}
