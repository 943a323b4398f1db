import type { FailureCode } from '@darkroom/core/job/failure';
import type { Job } from '@darkroom/core/job/job';
import type { Rest } from './rest.ts';

/** How a job is being run, which only operators see. Times are ISO 8601. */
export interface JobRun {
  active: boolean;
  price: number;
  attempt: number;
  worker_id: string | null;
  claimed_at: string | null;
  run_at: string;
  delivery: number;
  delivered_at: string | null;
  priority: number;
  losses: number;
  counted_retries: number;
  past_failures: FailureCode[];
  model_calls: number;
  attempts_log: { model: string; code?: string; ms?: number }[];
  cause: string | null;
}

/** A job with its run. */
export interface OperatedJob extends Job {
  run: JobRun | null;
}

const columns =
  'job_id,active,price,attempt,worker_id,claimed_at,run_at,delivery,delivered_at,priority,losses,counted_retries,past_failures,model_calls,attempts_log,cause';

/** Ids that fit into the URL of one request. */
const idsPerRequest = 100;

/** Adds to each job its run. */
export async function withRuns(rest: Rest, jobs: Job[]): Promise<OperatedJob[]> {
  const runs = new Map<string, JobRun>();
  for (let from = 0; from < jobs.length; from += idsPerRequest) {
    const ids = jobs.slice(from, from + idsPerRequest).map(({ id }) => id);
    const rows = await rest<(JobRun & { job_id: string })[]>((client) =>
      client.from('job_runs').select(columns).in('job_id', ids),
    );
    for (const { job_id, ...run } of rows) runs.set(job_id, run);
  }
  return jobs.map((job) => ({ ...job, run: runs.get(job.id) ?? null }));
}
