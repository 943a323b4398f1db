import { type Job, type JobStatus, jobFields } from '@darkroom/core/job/job';
import type { ScheduledDelivery } from '@darkroom/core/queue/queue';
import { type LedgerEntry, type LedgerRow, toLedgerEntry } from '../credits/credits.ts';
import type { WebhookDelivery } from '../webhooks/webhooks.ts';
import type { Rest } from './rest.ts';
import { type OperatedJob, withRuns } from './runs.ts';

export interface JobFilter {
  status: JobStatus | null;
  userId: string | null;
  /** Created before this time, ISO 8601. */
  before: string | null;
  oldestFirst: boolean;
  limit: number;
}

/** A job with its credits and webhooks. */
export interface JobFile {
  job: OperatedJob;
  ledger: LedgerEntry[];
  webhooks: WebhookDelivery[];
}

export type Requeued =
  | { kind: 'due'; delivery: ScheduledDelivery }
  /** A worker holds it until its lease ends. */
  | { kind: 'in_hand'; workerId: string; leaseMs: number };

/** A job whose refund is booked. */
export interface RefundedJob {
  user_id: string;
  status: 'failed' | 'canceled';
  /** Booked now; 0 when nothing was owed. */
  refunded: number;
  balance: number | null;
}

export interface JobTimes {
  id: string;
  status: JobStatus;
  error_code: string | null;
  created_at: string;
  started_at: string | null;
  completed_at: string | null;
}

export interface OperatorJobs {
  listJobs(filter: JobFilter): Promise<OperatedJob[]>;
  /** Null: there is no such managed job. */
  getJob(query: { jobId: string }): Promise<JobFile | null>;
  /** Cancels and refunds any user's job. @throws DomainError not_found, job_already_finished */
  cancelJob(job: { jobId: string }): Promise<Job>;
  /** Books the refund that a failed or canceled job still lacks. @throws DomainError not_found, invalid_argument */
  refundJob(job: { jobId: string }): Promise<RefundedJob>;
  /** Makes a waiting job due now under a new delivery. @throws DomainError not_found, job_already_finished */
  requeueJob(job: { jobId: string }): Promise<Requeued>;
  /** Status and times of these jobs, in no order. */
  listTimes(query: { jobIds: readonly string[] }): Promise<JobTimes[]>;
}

export const jobColumns = jobFields.join(',');
export const movementColumns = 'id,job_id,kind,amount,balance_after,reference,reason,created_at';
const webhookColumns =
  'id,type,url,status,attempts,next_attempt_at,last_status,last_error,created_at,delivered_at';

type RequeuedRow =
  | { kind: 'due'; delivery: number; priority: number; delay_ms: number }
  | { kind: 'in_hand'; worker_id: string; lease_ms: number };

export function operatorJobs(rest: Rest): OperatorJobs {
  return {
    async listJobs({ status, userId, before, oldestFirst, limit }) {
      const jobs = await rest<Job[]>((client) => {
        let query = client.from('image_generation_jobs').select(jobColumns).eq('managed', true);
        if (status) query = query.eq('status', status);
        if (userId) query = query.eq('user_id', userId);
        if (before) query = query.lt('created_at', before);
        return query.order('created_at', { ascending: oldestFirst }).order('id').limit(limit);
      });
      return withRuns(rest, jobs);
    },

    async getJob({ jobId }) {
      const jobs = await rest<Job[]>((client) =>
        client.from('image_generation_jobs').select(jobColumns).eq('managed', true).eq('id', jobId),
      );
      const [job] = await withRuns(rest, jobs);
      if (!job) return null;
      const [ledger, webhooks] = await Promise.all([
        rest<LedgerRow[]>((client) =>
          client.from('credit_ledger').select(movementColumns).eq('job_id', jobId).order('id'),
        ),
        rest<WebhookDelivery[]>((client) =>
          client.from('webhook_deliveries').select(webhookColumns).eq('job_id', jobId).order('created_at'),
        ),
      ]);
      return { job, ledger: ledger.map(toLedgerEntry), webhooks };
    },

    cancelJob: ({ jobId }) =>
      rest((client) => client.rpc('cancel_job', { p_job_id: jobId, p_user_id: null })),

    refundJob: ({ jobId }) => rest((client) => client.rpc('settle_job', { p_job_id: jobId })),

    async requeueJob({ jobId }) {
      const row = await rest<RequeuedRow>((client) => client.rpc('requeue_job', { p_job_id: jobId }));
      if (row.kind === 'in_hand') return { kind: row.kind, workerId: row.worker_id, leaseMs: row.lease_ms };
      const { delivery, priority, delay_ms: delayMs } = row;
      return { kind: 'due', delivery: { jobId, delivery, priority, delayMs } };
    },

    async listTimes({ jobIds }) {
      if (jobIds.length === 0) return [];
      return rest((client) =>
        client
          .from('image_generation_jobs')
          .select('id,status,error_code,created_at,started_at,completed_at')
          .in('id', [...jobIds]),
      );
    },
  };
}
