import type { Log } from '@darkroom/core/runtime/log/log';
import { limitConcurrency } from '@darkroom/core/runtime/time/limit-concurrency';
import type { Claim, ClaimAnswer, Database } from '@darkroom/db/database';
import { DatabaseUnavailable, DomainError } from '@darkroom/db/errors';
import type { Lease } from '../lease/heartbeat.ts';
import type { Run, Runs } from './runs.ts';

export type Claimed = { kind: 'claimed'; run: Run } | Exclude<ClaimAnswer, { kind: 'claimed' }>;

export interface ClaimDeps {
  db: Pick<Database, 'claimJob'>;
  lease: Pick<Lease, 'workerId' | 'held' | 'whenHeld' | 'renew'>;
  runs: Pick<Runs, 'begin'>;
  log: Log;
  /** Monotonic, in milliseconds. */
  now: () => number;
  random: () => number;
}

/** How long a delivery waits for a lapsed lease before it goes back; it keeps an outage from spinning the queue. */
const patienceMs = 5_000;
/** Of one worker. One with hundreds of slots that starts, or comes back, would else claim for all of them at once. */
const claimsAtOnce = 16;

/**
 * Claims a job for this worker, under a live lease only. While the database is away the delivery is handed back for
 * about two seconds: an outage costs a job nothing but time.
 */
export function createClaim({ db, lease, runs, log, now, random }: ClaimDeps) {
  const inTurn = limitConcurrency(claimsAtOnce);

  return async function claim(jobId: string): Promise<Claimed> {
    if (!(await lease.whenHeld({ timeoutMs: patienceMs }))) return soon();
    // Whoever waited in line while the lease was lost need not find out one by one.
    return inTurn(async () => (lease.held ? claimNow(jobId) : soon()));
  };

  async function claimNow(jobId: string): Promise<Claimed> {
    const { workerId } = lease;
    // The time left is counted from before the request, so that the run's deadline is never late.
    let askedAt = now();
    try {
      let answer = await ask(jobId, workerId);
      if (answer === 'worker_unknown') {
        if (!(await lease.renew())) return soon();
        askedAt = now();
        answer = await ask(jobId, workerId);
      }
      if (answer === 'worker_unknown') return soon();
      if (answer.kind === 'drop') log.fact('job_not_claimed', { job_id: jobId });
      if (answer.kind !== 'claimed') return answer;
      const { attempt, deadlineInMs } = answer.claim;
      log.fact('job_claimed', { job_id: jobId, attempt, worker_id: workerId, ...waited(answer.claim) });
      const run = runs.begin(answer.claim, { deadlineAt: askedAt + deadlineInMs });
      // The answer may have been slower than the lease under which it was asked for.
      if (!lease.held || lease.workerId !== workerId) run.stop('lost');
      return { kind: 'claimed', run };
    } catch (error) {
      if (error instanceof DatabaseUnavailable) return soon();
      throw error;
    }
  }

  async function ask(jobId: string, workerId: string): Promise<ClaimAnswer | 'worker_unknown'> {
    try {
      return await db.claimJob({ jobId, workerId });
    } catch (error) {
      if (error instanceof DomainError && error.code === 'worker_unknown') return 'worker_unknown';
      throw error;
    }
  }

  function soon(): Claimed {
    return { kind: 'later', delayMs: Math.round(2_000 + random() * 1_000) };
  }
}

/** How long the job waited for its first claim; both times are the database's. */
function waited({ attempt, job }: Claim): { wait_ms?: number } {
  if (attempt !== 1 || job.started_at === null) return {};
  return { wait_ms: Date.parse(job.started_at) - Date.parse(job.created_at) };
}
