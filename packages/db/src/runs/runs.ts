import { failures } from '@darkroom/core/job/failure';
import type { Delivery, Order } from '@darkroom/core/queue/queue';
import type { Claim, Database, JobRef } from '../database.ts';
import type { Door } from '../open.ts';

type RunOperation =
  | 'claimJob'
  | 'heartbeat'
  | 'endWorker'
  | 'reportProgress'
  | 'beginModelCall'
  | 'completeJob'
  | 'failJob'
  | 'retryJob'
  | 'releaseJob';

type ClaimRow =
  | { kind: 'drop' }
  | { kind: 'later'; delay_ms: number }
  | {
      kind: 'claimed';
      job: Claim['job'];
      attempt: number;
      fallback: boolean;
      price: number;
      counted_retries: number;
      past_failures: Claim['pastFailures'];
      model_calls: number;
      deadline_in_ms: number;
    };

interface RefRow {
  job_id: string;
  attempt: number;
}

interface PutBackRow {
  kind: 'retried';
  delivery: number;
  priority: number;
  delay_ms: number;
}

export function runOperations({ call }: Door): Pick<Database, RunOperation> {
  return {
    async claimJob({ jobId, workerId }) {
      const row: ClaimRow = await call('claim_job', { p_job_id: jobId, p_worker_id: workerId });
      if (row.kind === 'drop') return { kind: 'drop' };
      if (row.kind === 'later') return { kind: 'later', delayMs: row.delay_ms };
      const claim: Claim = {
        job: row.job,
        attempt: row.attempt,
        fallback: row.fallback,
        price: row.price,
        countedRetries: row.counted_retries,
        pastFailures: row.past_failures,
        modelCalls: row.model_calls,
        deadlineInMs: row.deadline_in_ms,
      };
      return { kind: 'claimed', claim };
    },

    async heartbeat({ workerId, jobs }) {
      const row: { lease_ms: number; lost: RefRow[] } = await call(
        'heartbeat',
        {
          p_worker_id: workerId,
          p_jobs: jobs.map(({ jobId, attempt }) => ({ job_id: jobId, attempt })),
        },
        // The lease is shorter than a patient try would be, and the next beat comes anyway.
        { timeoutMs: 4_000, repeats: 0 },
      );
      return {
        leaseMs: row.lease_ms,
        lost: row.lost.map(toRef),
      };
    },

    async endWorker({ workerId }) {
      await call('end_worker', { p_worker_id: workerId });
    },

    async reportProgress(reports) {
      const lost: RefRow[] = await call('report_progress_batch', {
        p_reports: reports.map(({ jobId, attempt, stage, progress }) => ({
          job_id: jobId,
          attempt,
          stage,
          progress: Math.round(progress),
        })),
      });
      return lost.map(toRef);
    },

    async beginModelCall({ jobId, attempt, model, maxCalls }) {
      const counted: number | null = await call('begin_model_call', {
        p_job_id: jobId,
        p_attempt: attempt,
        p_model: model,
        p_max_calls: maxCalls,
      });
      if (counted === null) return 'lost';
      return counted === 0 ? 'budget_spent' : { call: counted };
    },

    completeJob: ({ jobId, attempt, image, servedPrice, calls }) =>
      call('complete_job', {
        p_job_id: jobId,
        p_attempt: attempt,
        p_image: image,
        p_served_price: servedPrice,
        p_calls: calls,
      }),

    failJob: ({ jobId, attempt, code, message, cause, calls }) =>
      call('fail_job', {
        p_job_id: jobId,
        p_attempt: attempt,
        p_code: code,
        p_message: message,
        p_cause: cause,
        p_calls: calls,
      }),

    async retryJob({ jobId, attempt, code, cause, delayMs, counts, calls }) {
      const row: PutBackRow | { kind: 'failed' } | { kind: 'lost' } = await call('retry_job', {
        p_job_id: jobId,
        p_attempt: attempt,
        p_code: code,
        p_message: failures[code].message,
        p_cause: cause,
        p_delay_ms: Math.round(delayMs),
        p_counts: counts,
        p_calls: calls,
      });
      return row.kind === 'retried' ? { kind: 'retried', delivery: toDelivery(jobId, row) } : row;
    },

    async releaseJob({ jobId, attempt, calls }) {
      const row: PutBackRow | null = await call('release_job', {
        p_job_id: jobId,
        p_attempt: attempt,
        p_calls: calls,
      });
      return row && toDelivery(jobId, row);
    },
  };
}

function toRef({ job_id: jobId, attempt }: RefRow): JobRef {
  return { jobId, attempt };
}

function toDelivery(jobId: string, row: PutBackRow): Delivery & Order {
  return { jobId, delivery: row.delivery, priority: row.priority, delayMs: row.delay_ms };
}
