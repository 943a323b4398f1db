import type { Job } from '@darkroom/core/job/job';
import type { WebhookEvent } from '@darkroom/core/job/webhook-events';
import type { WebhookDeliveryResult } from '@darkroom/core/webhook/delivery-result';
import type { Call } from '../transport/call.ts';

/** A webhook that the worker which claimed it sends now. */
export interface ClaimedWebhook {
  /** The same at every attempt. */
  id: string;
  jobId: string;
  type: WebhookEvent;
  url: string;
  /** Host and port. */
  host: string;
  /** Grows with every claim; settling an older one writes nothing. */
  attempt: number;
  /** Attempts of this schedule, including this one. */
  tries: number;
  /** When the event happened. */
  timestamp: string;
  /** As it was at the event. */
  job: Job;
}

/** A webhook as the job's owner sees it. */
export interface WebhookDelivery {
  id: string;
  type: WebhookEvent;
  url: string;
  status: 'pending' | 'delivered' | 'failed';
  attempts: number;
  /** Null once it is delivered or has failed. */
  next_attempt_at: string | null;
  /** Status of the latest response; null when there was none. */
  last_status: number | null;
  last_error: string | null;
  created_at: string;
  delivered_at: string | null;
}

export interface ReplayedWebhook {
  id: string;
  job_id: string;
  type: WebhookEvent;
  host: string;
  attempts: number;
}

export interface WebhookOperations {
  /**
   * Claims at most `limit` due webhooks for 30 s: at most `again` of them tried before, and at most `perHost` a host,
   * including those under way (`busy`, by host). Not retried: what a lost answer claimed is due again in 30 s.
   */
  claimWebhooks(claim: {
    limit: number;
    again: number;
    perHost: number;
    busy: Readonly<Record<string, number>>;
  }): Promise<ClaimedWebhook[]>;
  /** Records the result of an attempt. False: a later attempt has begun, nothing was written. */
  settleWebhook(attempt: { id: string; attempt: number; result: WebhookDeliveryResult }): Promise<boolean>;
  /** Of a user's own job, in the order of their events. */
  listWebhooks(query: { userId: string; jobId: string }): Promise<WebhookDelivery[]>;
  /** Makes one webhook delivery, or all of a job, due again now. @throws DomainError not_found */
  replayWebhooks(which: { deliveryId: string } | { jobId: string }): Promise<ReplayedWebhook[]>;
}

type ClaimedRow = Omit<ClaimedWebhook, 'jobId'> & { job_id: string };

export function webhookOperations(call: Call): WebhookOperations {
  return {
    async claimWebhooks({ limit, again, perHost, busy }) {
      const rows: ClaimedRow[] = await call(
        'claim_webhooks',
        { p_limit: limit, p_again: again, p_per_host: perHost, p_busy: busy },
        { retries: 0 },
      );
      return rows.map(({ job_id: jobId, ...row }) => ({ jobId, ...row }));
    },

    settleWebhook: ({ id, attempt, result }) =>
      call('settle_webhook', {
        p_delivery_id: id,
        p_attempt: attempt,
        p_result: result.result,
        p_status: result.status,
        p_error: result.error,
        p_delay_ms: Math.round(result.delayMs),
      }),

    listWebhooks: ({ userId, jobId }) => call('list_deliveries', { p_job_id: jobId, p_user_id: userId }),

    replayWebhooks: (which) =>
      call('replay_delivery', {
        p_delivery_id: 'deliveryId' in which ? which.deliveryId : null,
        p_job_id: 'jobId' in which ? which.jobId : null,
      }),
  };
}
