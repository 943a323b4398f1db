import type { Log } from '@darkroom/core/runtime/log/log';
import type { TakenEvent } from '@darkroom/db/webhook-events/taken-event';

/** Tells what became of an event, loudly where money came in and no credits went out. */
export function tellTaken(
  log: Log,
  event: { source: 'clerk' | 'stripe'; id: string; type: string },
  { outcome, repeated, user_id, note }: TakenEvent,
): void {
  const wantsOperator =
    outcome === 'unknown_user' || outcome === 'unknown_price' || outcome === 'deleted_user' || Boolean(note);
  log.fact(wantsOperator && !repeated ? 'webhook_unresolved' : 'webhook_received', {
    source: event.source,
    webhook_id: event.id,
    type: event.type,
    outcome,
    repeated,
    user_id,
    note,
  });
}
