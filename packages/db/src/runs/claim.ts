import type { FailureCode } from '@darkroom/core/job/failure';
import type { Job } from '@darkroom/core/job/job';

/** A job that this worker may work on until its lease ends or a heartbeat reports the claim as lost. */
export interface Claim {
  job: Job;
  attempt: number;
  fallback: boolean;
  /** Quoted price in credits. */
  price: number;
  /** Retries so far that count against the budget. */
  countedRetries: number;
  /** Codes of the earlier runs that ended in a retry. */
  pastFailures: FailureCode[];
  /** Model calls of the whole job so far. */
  modelCalls: number;
  /** Milliseconds from now until the job's deadline, by the database's clock. */
  deadlineInMs: number;
}

export type ClaimAnswer =
  | { kind: 'claimed'; claim: Claim }
  /** Not yet due: ask again in `delayMs`. */
  | { kind: 'later'; delayMs: number }
  /** Finished, canceled, unknown or claimed by another worker: nothing to do. */
  | { kind: 'drop' };

/** A claimed job. Writes with an older attempt change nothing. */
export interface JobRef {
  jobId: string;
  attempt: number;
}

export interface JobRefRow {
  job_id: string;
  attempt: number;
}

export function toJobRef({ job_id: jobId, attempt }: JobRefRow): JobRef {
  return { jobId, attempt };
}

export type ClaimRow =
  | { kind: 'drop' }
  | { kind: 'later'; delay_ms: number }
  | {
      kind: 'claimed';
      job: Job;
      attempt: number;
      fallback: boolean;
      price: number;
      counted_retries: number;
      past_failures: FailureCode[];
      model_calls: number;
      deadline_in_ms: number;
    };

export function toClaimAnswer(row: ClaimRow): ClaimAnswer {
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
}
