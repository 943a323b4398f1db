import { webhookRetryDelay } from './retry-schedule.ts';

/** What one attempt to send a webhook led to. */
export type WebhookResponse =
  /** The receiver answered; `retryAfterMs` is its Retry-After, if it sent one. */
  | { kind: 'answered'; status: number; retryAfterMs: number | null }
  /** No answer came in time. `reason` holds nothing that the receiver's owner may not read. */
  | { kind: 'unanswered'; reason: string }
  /** Nothing was sent, because the address must not be reached. */
  | { kind: 'refused'; reason: string };

/** What becomes of a webhook delivery after an attempt. */
export interface WebhookDeliveryResult {
  result: 'delivered' | 'retry' | 'failed';
  status: number | null;
  error: string | null;
  /** Until the next attempt; 0 unless it is retried. */
  delayMs: number;
}

/**
 * Decides by one attempt. 2xx is delivered. 410 and an address that must not be reached fail at once; everything else,
 * redirects included, is retried until the schedule is used up.
 * @param options.tries attempts of this schedule, this one included
 * @param options.random 0 up to 1: spreads the next attempt
 */
export function webhookDeliveryResult(
  response: WebhookResponse,
  { tries, random }: { tries: number; random: number },
): WebhookDeliveryResult {
  const status = response.kind === 'answered' ? response.status : null;
  if (status !== null && status >= 200 && status < 300) {
    return { result: 'delivered', status, error: null, delayMs: 0 };
  }
  const error = describe(response);
  const isFinal = response.kind === 'refused' || status === 410;
  const retryAfterMs = response.kind === 'answered' ? (response.retryAfterMs ?? 0) : 0;
  const delayMs = isFinal ? null : webhookRetryDelay({ attempts: tries, retryAfterMs, random });
  if (delayMs === null) return { result: 'failed', status, error, delayMs: 0 };
  return { result: 'retry', status, error, delayMs };
}

function describe(response: WebhookResponse): string {
  if (response.kind !== 'answered') return response.reason;
  const { status } = response;
  if (status === 410) return 'answered 410: the receiver wants no more webhooks';
  if (status >= 300 && status < 400) return `answered ${status}: redirects are not followed`;
  return `answered ${status}`;
}
