import type { Log } from '@darkroom/core/runtime/log/log';
import { type WebhookResponse, webhookDeliveryResult } from '@darkroom/core/webhook/delivery-result';
import { webhookRetryDelaysMs } from '@darkroom/core/webhook/retry-schedule';
import type { Database } from '@darkroom/db/database';
import type { ClaimedWebhook } from '@darkroom/db/webhooks/webhooks';
import type { Send } from './send.ts';
import type { Sign } from './sign.ts';

/** One attempt at a claimed webhook delivery. @throws DatabaseUnavailable when the result could not be written */
export type DeliverWebhook = (webhook: ClaimedWebhook, signal: AbortSignal) => Promise<void>;

export interface DeliverDeps {
  db: Pick<Database, 'settleWebhook'>;
  sign: Sign;
  send: Send;
  log: Log;
  random: () => number;
}

/**
 * Sends a webhook and writes the result. A result that is not written means another attempt under the same id: delivery is
 * at least once. An attempt that is aborted because the process stops is not written.
 */
export function createDeliverWebhook({ db, sign, send, log, random }: DeliverDeps): DeliverWebhook {
  return async (webhook, signal) => {
    const { id, jobId, type, host, url, attempt, tries } = webhook;
    const answer =
      tries > webhookRetryDelaysMs.length + 1 ? abandoned : await send(url, sign(webhook), signal);
    if (signal.aborted && answer.kind === 'unanswered') return;
    const result = webhookDeliveryResult(answer, { tries, random: random() });
    const written = await db.settleWebhook({ id, attempt, result });
    log.fact(facts[result.result], {
      webhook_id: id,
      job_id: jobId,
      type,
      host,
      attempt,
      ...(result.result === 'delivered' ? {} : { status: result.status, cause: result.error }),
      ...(result.result === 'retry' ? { delay_ms: result.delayMs } : {}),
      ...(written ? {} : { lost: true }),
    });
  };
}

/** Every sender died before writing its result, so the schedule was never recorded as used up. */
const abandoned: WebhookResponse = { kind: 'unanswered', reason: 'every sender was lost' };

const facts = {
  delivered: 'webhook_delivered',
  retry: 'webhook_retried',
  failed: 'webhook_failed',
} as const;
