import type { Job, JobStatus } from '@darkroom/core/job/job';
import type { JobWebhook } from '@darkroom/core/job/webhook-events';
import type { ScheduledDelivery } from '@darkroom/core/queue/queue';
import { DomainError } from '../errors.ts';
import { cursorArguments, type Page, toPage } from '../page.ts';
import type { Call } from '../transport/call.ts';
import type { JobInput, PastInput } from './input.ts';
import { toJob } from './to-job.ts';

export interface NewJob {
  userId: string;
  email: string | null;
  input: JobInput;
  /** Where the job's events are sent. */
  webhook?: JobWebhook | null;
  /** In credits. */
  price: number;
  /** Always set: the client's own, or one made by the API so that a lost answer can be repeated. */
  idempotencyKey: string;
  /** SHA-256 (hex) of the canonical input, with the image's own hash. */
  requestHash: string;
  defaultCredits: number;
  maxActiveJobs: number;
  deadlineMs: number;
}

export interface Accepted {
  job: Job;
  /** The user's credits: after the debit, or current ones when replayed. */
  balance: number;
  charged: number;
  /** This is the job of an earlier request with the same key and input; nothing was created or debited. */
  replayed: boolean;
  delivery: ScheduledDelivery;
}

export interface JobOperations {
  /** The job of an earlier request with this key, or null. @throws DomainError idempotency_key_reused */
  replayJob(key: {
    userId: string;
    idempotencyKey: string;
    requestHash: string;
  }): Promise<Omit<Accepted, 'delivery'> | null>;
  /** Debits the user and creates the job in one transaction. */
  createJob(job: NewJob): Promise<Accepted>;
  getJob(query: { userId: string; jobId: string }): Promise<Job | null>;
  /** What the job was asked to make; null unless it is this user's and was created by this backend. */
  getJobInput(query: { userId: string; jobId: string }): Promise<PastInput | null>;
  /** Newest first. @throws DomainError invalid_argument for a broken cursor */
  listJobs(query: {
    userId: string;
    status: JobStatus | null;
    limit: number;
    cursor: string | null;
  }): Promise<Page<Job>>;
  /** Cancels and refunds. @throws DomainError not_found, job_already_finished */
  cancelJob(job: { userId: string; jobId: string }): Promise<Job>;
}

interface AcceptedRow extends Omit<Accepted, 'delivery'> {
  delivery: number;
  priority: number;
}

export function jobOperations(call: Call): JobOperations {
  return {
    async replayJob({ userId, idempotencyKey, requestHash }) {
      const replayed: Awaited<ReturnType<JobOperations['replayJob']>> = await call('replay_job', {
        p_user_id: userId,
        p_idempotency_key: idempotencyKey,
        p_request_hash: requestHash,
      });
      return replayed && { ...replayed, job: toJob(replayed.job) };
    },

    async createJob(job) {
      const row = await call<AcceptedRow>('create_job', {
        p_user_id: job.userId,
        p_input: job.input,
        p_price: job.price,
        p_idempotency_key: job.idempotencyKey,
        p_request_hash: job.requestHash,
        p_email: job.email,
        p_default_credits: job.defaultCredits,
        p_max_active_jobs: job.maxActiveJobs,
        p_deadline_ms: job.deadlineMs,
        p_webhook: job.webhook,
      });
      const delivery: ScheduledDelivery = {
        jobId: row.job.id,
        delivery: row.delivery,
        priority: row.priority,
        delayMs: 0,
      };
      const { balance, charged, replayed } = row;
      return { job: toJob(row.job), balance, charged, replayed, delivery };
    },

    getJob: ({ userId, jobId }) => call('get_job', { p_job_id: jobId, p_user_id: userId }),

    getJobInput: ({ userId, jobId }) => call('job_input', { p_job_id: jobId, p_user_id: userId }),

    async listJobs({ userId, status, limit, cursor }) {
      const rows = await call<Job[]>('list_jobs', {
        p_user_id: userId,
        p_limit: limit + 1,
        p_status: status,
        ...cursorArguments(cursor),
      });
      return toPage(rows, limit, (job) => [job.created_at, job.id]);
    },

    async cancelJob({ userId, jobId }) {
      let retried = false;
      try {
        const canceled = await call<Job>(
          'cancel_job',
          { p_job_id: jobId, p_user_id: userId },
          {
            onRetry() {
              retried = true;
            },
          },
        );
        return toJob(canceled);
      } catch (error) {
        // The first attempt canceled the job and its answer was lost.
        if (retried && error instanceof DomainError && error.detail.status === 'canceled') {
          return toJob(error.detail.job as Job);
        }
        throw error;
      }
    },
  };
}
