import type { Log } from '@darkroom/core/runtime/log/log';
import type { TakenEvent } from '@darkroom/db/webhook-events/taken-event';
import { ProblemError } from '../problem/problem.ts';
import { limitBody } from './body-limit.ts';

export type WebhookSource = 'clerk' | 'stripe';

/** 1 MB; Stripe's largest events are a fraction of that. */
export const limitWebhookBody = limitBody(1_000_000);

/** 503, so that the sender keeps the event and sends it again once `variable` is set. */
export function webhookNotConfigured(variable: string): ProblemError {
  return new ProblemError({
    code: 'service_unavailable',
    detail: `This webhook is not configured: set ${variable}.`,
    headers: { 'Retry-After': '60' },
  });
}

/** Logs the reason; the sender only learns that the signature was rejected. */
export function invalidSignature(log: Log, source: WebhookSource, error: unknown): ProblemError {
  log.fact('webhook_rejected', { source, reason: error instanceof Error ? error.message : String(error) });
  return new ProblemError({
    code: 'invalid_signature',
    detail: 'The signature does not match the body and the signing secret, or is older than five minutes.',
  });
}

/** Logs how an event was handled, as an alert if money came in and no credits were booked. */
export function logWebhook(
  log: Log,
  event: { source: WebhookSource; id: string; type: string },
  { outcome, repeated, user_id, note }: TakenEvent,
): void {
  const needsOperator =
    outcome === 'unknown_user' || outcome === 'unknown_price' || outcome === 'deleted_user' || Boolean(note);
  log.fact(needsOperator && !repeated ? 'webhook_unresolved' : 'webhook_received', {
    source: event.source,
    webhook_id: event.id,
    type: event.type,
    outcome,
    repeated,
    user_id,
    note,
  });
}
