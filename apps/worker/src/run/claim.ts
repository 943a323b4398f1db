import type { Log } from '@darkroom/core/runtime/log/log';
import { limitConcurrency } from '@darkroom/core/runtime/time/limit-concurrency';
import type { Database } from '@darkroom/db/database';
import { DatabaseUnavailable, DomainError } from '@darkroom/db/errors';
import type { Claim, ClaimAnswer } from '@darkroom/db/runs/claim';
import type { Lease } from '../lease/lease.ts';
import type { ActiveRuns, Run } from './active-runs.ts';

/** The run that a claim began, or what to do with the delivery instead. */
export type Claimed = { kind: 'claimed'; run: Run } | Exclude<ClaimAnswer, { kind: 'claimed' }>;

export interface ClaimDeps {
  db: Pick<Database, 'claimJob'>;
  lease: Pick<Lease, 'workerId' | 'held' | 'whenHeld' | 'renew'>;
  runs: Pick<ActiveRuns, 'begin'>;
  log: Log;
  /** Monotonic, in milliseconds. */
  now: () => number;
  random: () => number;
}

/** How long a delivery waits for the lease before it is handed back. Without it an outage would spin the queue. */
const leaseWaitMs = 5_000;
/** A worker with hundreds of slots that starts or recovers must not claim for all of them at once. */
const maxConcurrentClaims = 16;

/**
 * Claims a job for this worker, only while it holds its lease. While the database is unavailable the delivery is handed
 * back for two to three seconds.
 */
export function createClaim({ db, lease, runs, log, now, random }: ClaimDeps) {
  const withLimit = limitConcurrency(maxConcurrentClaims);

  return async function claim(jobId: string): Promise<Claimed> {
    if (!(await lease.whenHeld({ timeoutMs: leaseWaitMs }))) return tryLater();
    // The lease may have been lost while this claim waited for its slot.
    return withLimit(async () => (lease.held ? claimNow(jobId) : tryLater()));
  };

  async function claimNow(jobId: string): Promise<Claimed> {
    const { workerId } = lease;
    // Measured before the request, so that the run's deadline is never too late.
    let askedAt = now();
    try {
      let answer = await claimJob(jobId, workerId);
      if (answer === 'worker_unknown') {
        if (!(await lease.renew())) return tryLater();
        askedAt = now();
        answer = await claimJob(jobId, workerId);
      }
      if (answer === 'worker_unknown') return tryLater();
      if (answer.kind === 'drop') log.fact('job_not_claimed', { job_id: jobId });
      if (answer.kind !== 'claimed') return answer;
      const { attempt, deadlineInMs } = answer.claim;
      log.fact('job_claimed', { job_id: jobId, attempt, worker_id: workerId, ...waitOf(answer.claim) });
      const run = runs.begin(answer.claim, { deadlineAt: askedAt + deadlineInMs });
      // The lease may have been lost while the database answered.
      if (!lease.held || lease.workerId !== workerId) run.stop('lost');
      return { kind: 'claimed', run };
    } catch (error) {
      if (error instanceof DatabaseUnavailable) return tryLater();
      throw error;
    }
  }

  async function claimJob(jobId: string, workerId: string): Promise<ClaimAnswer | 'worker_unknown'> {
    try {
      return await db.claimJob({ jobId, workerId });
    } catch (error) {
      if (error instanceof DomainError && error.code === 'worker_unknown') return 'worker_unknown';
      throw error;
    }
  }

  function tryLater(): Claimed {
    return { kind: 'later', delayMs: Math.round(2_000 + random() * 1_000) };
  }
}

/** How long the job waited for its first claim, by the database's clock. */
function waitOf({ attempt, job }: Claim): { wait_ms?: number } {
  if (attempt !== 1 || job.started_at === null) return {};
  return { wait_ms: Date.parse(job.started_at) - Date.parse(job.created_at) };
}
