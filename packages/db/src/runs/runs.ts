import type { FailureCode } from '@darkroom/core/job/failure';
import type { JobStage } from '@darkroom/core/job/job';
import type { ModelCall, StoredImage } from '@darkroom/core/job/outcome';
import type { ScheduledDelivery } from '@darkroom/core/queue/queue';
import type { Call } from '../transport/call.ts';
import {
  type ClaimAnswer,
  type ClaimRow,
  type JobRef,
  type JobRefRow,
  toClaimAnswer,
  toJobRef,
} from './claim.ts';

export interface RunOperations {
  /** @throws DomainError worker_unknown when this worker holds no lease: heartbeat first. */
  claimJob(claim: { jobId: string; workerId: string }): Promise<ClaimAnswer>;
  /** Records the progress of several jobs in one transaction; progress never falls. Returns those whose claim was lost. */
  reportProgress(reports: readonly (JobRef & { stage: JobStage; progress: number })[]): Promise<JobRef[]>;
  /** Counts a model call before it is sent. Never more than `maxCalls` a job. */
  beginModelCall(
    job: JobRef & { model: string; maxCalls: number },
  ): Promise<{ call: number } | 'budget_spent' | 'lost'>;

  /** False: the claim was lost, nothing was written. */
  completeJob(
    job: JobRef & { image: StoredImage; servedPrice: number; calls: readonly ModelCall[] },
  ): Promise<boolean>;
  /** Ends and refunds the job in one transaction. False: the claim was lost, nothing was written. */
  failJob(job: JobRef & { code: FailureCode; cause: string; calls: readonly ModelCall[] }): Promise<boolean>;
  /**
   * Makes the job pending again, due in `delayMs`. `failed`: that would be past its deadline, so it was ended and
   * refunded. `lost`: the claim was lost, nothing was written.
   */
  retryJob(
    job: JobRef & {
      code: FailureCode;
      cause: string;
      delayMs: number;
      counts: boolean;
      calls: readonly ModelCall[];
    },
  ): Promise<{ kind: 'retried'; delivery: ScheduledDelivery } | { kind: 'failed' } | { kind: 'lost' }>;
  /** Makes an unfinished job pending again at once, without counting a retry. Null: the claim was lost. */
  releaseJob(job: JobRef & { calls: readonly ModelCall[] }): Promise<ScheduledDelivery | null>;
}

interface PendingRow {
  kind: 'retried';
  delivery: number;
  priority: number;
  delay_ms: number;
}

export function runOperations(call: Call): RunOperations {
  return {
    async claimJob({ jobId, workerId }) {
      const row: ClaimRow = await call('claim_job', { p_job_id: jobId, p_worker_id: workerId });
      return toClaimAnswer(row);
    },

    async reportProgress(reports) {
      const lost: JobRefRow[] = await call('report_progress_batch', {
        p_reports: reports.map(({ jobId, attempt, stage, progress }) => ({
          job_id: jobId,
          attempt,
          stage,
          progress: Math.round(progress),
        })),
      });
      return lost.map(toJobRef);
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

    failJob: ({ jobId, attempt, code, cause, calls }) =>
      call('fail_job', {
        p_job_id: jobId,
        p_attempt: attempt,
        p_code: code,
        p_cause: cause,
        p_calls: calls,
      }),

    async retryJob({ jobId, attempt, code, cause, delayMs, counts, calls }) {
      const row: PendingRow | { kind: 'failed' } | { kind: 'lost' } = await call('retry_job', {
        p_job_id: jobId,
        p_attempt: attempt,
        p_code: code,
        p_cause: cause,
        p_delay_ms: Math.round(delayMs),
        p_counts: counts,
        p_calls: calls,
      });
      return row.kind === 'retried' ? { kind: 'retried', delivery: toDelivery(jobId, row) } : row;
    },

    async releaseJob({ jobId, attempt, calls }) {
      const row: PendingRow | null = await call('release_job', {
        p_job_id: jobId,
        p_attempt: attempt,
        p_calls: calls,
      });
      return row && toDelivery(jobId, row);
    },
  };
}

function toDelivery(jobId: string, row: PendingRow): ScheduledDelivery {
  return { jobId, delivery: row.delivery, priority: row.priority, delayMs: row.delay_ms };
}
