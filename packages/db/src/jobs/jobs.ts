import type { Job } from '@darkroom/core/job/job';
import type { Delivery, Order } from '@darkroom/core/queue/queue';
import { after, toPage } from '../call/page.ts';
import type { Accepted, Database } from '../database.ts';
import { DomainError } from '../errors.ts';
import type { Door } from '../open.ts';
import { toJob } from './to-job.ts';

interface AcceptedRow extends Omit<Accepted, 'delivery'> {
  delivery: number;
  priority: number;
}

export function jobOperations({
  call,
}: Door): Pick<Database, 'replayJob' | 'createJob' | 'getJob' | 'listJobs' | 'cancelJob'> {
  return {
    async replayJob({ userId, idempotencyKey, requestHash }) {
      const replayed: Awaited<ReturnType<Database['replayJob']>> = await call('replay_job', {
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
      const delivery: Delivery & Order = {
        jobId: row.job.id,
        delivery: row.delivery,
        priority: row.priority,
        delayMs: 0,
      };
      const { balance, charged, replayed } = row;
      return { job: toJob(row.job), balance, charged, replayed, delivery };
    },

    getJob: ({ userId, jobId }) => call('get_job', { p_job_id: jobId, p_user_id: userId }),

    async listJobs({ userId, status, limit, cursor }) {
      const rows = await call<Job[]>('list_jobs', {
        p_user_id: userId,
        p_limit: limit + 1,
        p_status: status,
        ...after(cursor),
      });
      return toPage(rows, limit, (job) => [job.created_at, job.id]);
    },

    async cancelJob({ userId, jobId }) {
      let repeated = false;
      try {
        const canceled = await call<Job>(
          'cancel_job',
          { p_job_id: jobId, p_user_id: userId },
          {
            onRepeat() {
              repeated = true;
            },
          },
        );
        return toJob(canceled);
      } catch (error) {
        // The first try's answer was lost, and it was the one that canceled.
        if (repeated && error instanceof DomainError && error.detail.status === 'canceled') {
          return toJob(error.detail.job as Job);
        }
        throw error;
      }
    },
  };
}
