import { type JobRef, type JobRefRow, toJobRef } from '../runs/claim.ts';
import type { Call } from '../transport/call.ts';

export interface LeaseOperations {
  /**
   * Renews this worker's lease and returns which of `jobs` it no longer holds.
   * `leaseMs` is how long the lease lasts from now, by the database's clock.
   */
  heartbeat(worker: {
    workerId: string;
    jobs: readonly JobRef[];
  }): Promise<{ leaseMs: number; lost: JobRef[] }>;
  /** Ends the lease, so that nothing waits for it to expire. */
  endWorker(worker: { workerId: string }): Promise<void>;
}

/** The lease is shorter than a call with retries can take, and the next heartbeat follows soon. */
const oneShortAttempt = { timeoutMs: 4_000, retries: 0 };

export function leaseOperations(call: Call): LeaseOperations {
  return {
    async heartbeat({ workerId, jobs }) {
      const row: { lease_ms: number; lost: JobRefRow[] } = await call(
        'heartbeat',
        {
          p_worker_id: workerId,
          p_jobs: jobs.map(({ jobId, attempt }) => ({ job_id: jobId, attempt })),
        },
        oneShortAttempt,
      );
      return { leaseMs: row.lease_ms, lost: row.lost.map(toJobRef) };
    },

    async endWorker({ workerId }) {
      await call('end_worker', { p_worker_id: workerId });
    },
  };
}
