import { type Job, jobFields } from '@darkroom/core/job/job';
import type { Delivery, Order } from '@darkroom/core/queue/queue';
import { before, momentAndId, readCursor, toPage } from '../call/page.ts';
import type { Accepted, Database } from '../database.ts';
import { DomainError } from '../errors.ts';
import type { Door } from '../open.ts';

const fields = jobFields.join(',');

interface AcceptedRow extends Omit<Accepted, 'delivery'> {
  delivery: number;
  priority: number;
}

export function jobOperations({
  client,
  call,
}: Door): Pick<Database, 'replayJob' | 'createJob' | 'getJob' | 'listJobs' | 'cancelJob'> {
  return {
    replayJob: ({ userId, idempotencyKey, requestHash }) =>
      call(() =>
        client.rpc('replay_job', {
          p_user_id: userId,
          p_idempotency_key: idempotencyKey,
          p_request_hash: requestHash,
        }),
      ),

    async createJob(job) {
      const asked = {
        p_user_id: job.userId,
        p_input: job.input,
        p_price: job.price,
        p_idempotency_key: job.idempotencyKey,
        p_request_hash: job.requestHash,
        p_email: job.email,
        p_default_credits: job.defaultCredits,
        p_max_active_jobs: job.maxActiveJobs,
        p_deadline_ms: job.deadlineMs,
      };
      const row: AcceptedRow = await call(() =>
        job.webhook
          ? client.rpc('create_job_with_webhook', { ...asked, p_webhook: job.webhook })
          : client.rpc('create_job', asked),
      );
      const delivery: Delivery & Order = {
        jobId: row.job.id,
        delivery: row.delivery,
        priority: row.priority,
        delayMs: 0,
      };
      return { job: row.job, balance: row.balance, charged: row.charged, replayed: row.replayed, delivery };
    },

    async getJob({ userId, jobId }) {
      const rows = (await call<unknown>(() =>
        client.from('image_generation_jobs').select(fields).eq('id', jobId).eq('user_id', userId).limit(1),
      )) as Job[];
      return rows[0] ?? null;
    },

    async listJobs({ userId, status, limit, cursor }) {
      const from = cursor === null ? null : readCursor(cursor, momentAndId);
      const rows = (await call<unknown>(() => {
        let query = client.from('image_generation_jobs').select(fields).eq('user_id', userId);
        if (status !== null) query = query.eq('status', status);
        if (from) query = query.lte('created_at', from[0]).or(before(from));
        return query
          .order('created_at', { ascending: false })
          .order('id', { ascending: false })
          .limit(limit + 1);
      })) as Job[];
      return toPage(rows, limit, (job) => [job.created_at, job.id]);
    },

    async cancelJob({ userId, jobId }) {
      let repeated = false;
      try {
        return await call((attempt) => {
          repeated = attempt > 1;
          return client.rpc('cancel_job', { p_job_id: jobId, p_user_id: userId });
        });
      } catch (error) {
        // The first try's answer was lost, and it was the one that canceled.
        if (repeated && error instanceof DomainError && error.detail.status === 'canceled') {
          return error.detail.job as Job;
        }
        throw error;
      }
    },
  };
}
