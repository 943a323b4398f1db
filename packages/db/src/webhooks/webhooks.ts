import type { ClaimedWebhook, Database, ReplayedWebhook, WebhookDelivery } from '../database.ts';
import type { Door } from '../open.ts';

type WebhookOperation = 'claimWebhooks' | 'settleWebhook' | 'listWebhooks' | 'replayWebhooks';

type ClaimedRow = Omit<ClaimedWebhook, 'jobId'> & { job_id: string };

const shown =
  'id,type,url,status,attempts,next_attempt_at,last_status,last_error,created_at,delivered_at' as const;

export function webhookOperations({ client, call }: Door): Pick<Database, WebhookOperation> {
  return {
    async claimWebhooks({ limit, again, perHost, busy }) {
      const rows: ClaimedRow[] = await call(
        () =>
          client.rpc('claim_webhooks', {
            p_limit: limit,
            p_again: again,
            p_per_host: perHost,
            p_busy: busy,
          }),
        { repeats: 0 },
      );
      return rows.map(({ job_id: jobId, ...row }) => ({ jobId, ...row }));
    },

    settleWebhook: ({ id, attempt, verdict }) =>
      call(() =>
        client.rpc('settle_webhook', {
          p_delivery_id: id,
          p_attempt: attempt,
          p_result: verdict.result,
          p_status: verdict.status,
          p_error: verdict.error,
          p_delay_ms: Math.round(verdict.delayMs),
        }),
      ),

    async listWebhooks({ userId, jobId }) {
      const rows = await call(() =>
        client
          .from('webhook_deliveries')
          .select(shown)
          .eq('job_id', jobId)
          .eq('user_id', userId)
          .order('created_at')
          .order('id'),
      );
      return (rows ?? []) as WebhookDelivery[];
    },

    async replayWebhooks(which) {
      const rows: ReplayedWebhook[] = await call(() =>
        client.rpc('replay_delivery', {
          p_delivery_id: 'deliveryId' in which ? which.deliveryId : null,
          p_job_id: 'jobId' in which ? which.jobId : null,
        }),
      );
      return rows;
    },
  };
}
