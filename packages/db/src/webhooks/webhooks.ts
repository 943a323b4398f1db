import type { ClaimedWebhook, Database, ReplayedWebhook } from '../database.ts';
import type { Door } from '../open.ts';

type WebhookOperation = 'claimWebhooks' | 'settleWebhook' | 'listWebhooks' | 'replayWebhooks';

type ClaimedRow = Omit<ClaimedWebhook, 'jobId'> & { job_id: string };

export function webhookOperations({ call }: Door): Pick<Database, WebhookOperation> {
  return {
    async claimWebhooks({ limit, again, perHost, busy }) {
      const rows: ClaimedRow[] = await call(
        'claim_webhooks',
        {
          p_limit: limit,
          p_again: again,
          p_per_host: perHost,
          p_busy: busy,
        },
        { repeats: 0 },
      );
      return rows.map(({ job_id: jobId, ...row }) => ({ jobId, ...row }));
    },

    settleWebhook: ({ id, attempt, verdict }) =>
      call('settle_webhook', {
        p_delivery_id: id,
        p_attempt: attempt,
        p_result: verdict.result,
        p_status: verdict.status,
        p_error: verdict.error,
        p_delay_ms: Math.round(verdict.delayMs),
      }),

    listWebhooks: ({ userId, jobId }) => call('list_deliveries', { p_job_id: jobId, p_user_id: userId }),

    async replayWebhooks(which) {
      const rows: ReplayedWebhook[] = await call('replay_delivery', {
        p_delivery_id: 'deliveryId' in which ? which.deliveryId : null,
        p_job_id: 'jobId' in which ? which.jobId : null,
      });
      return rows;
    },
  };
}
