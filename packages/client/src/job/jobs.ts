import { type FollowDeps, type FollowOptions, followJob } from '../follow/follow.ts';
import { DarkroomError } from '../http/error.ts';
import type { Http } from '../http/http.ts';
import type { Page, PageQuery } from '../http/page.ts';
import { query } from '../http/query.ts';
import type { CompletedJob, JobInput, JobStatus, JobView } from './job.ts';
import { outcomeOf } from './outcome.ts';
import { type Accepted, type SubmitOptions, submit } from './submit.ts';

export interface Jobs {
  /** Debits the user and creates a job, without waiting for its end. */
  create(input: JobInput, options?: SubmitOptions): Promise<Accepted>;
  get(jobId: string, options?: { signal?: AbortSignal }): Promise<JobView>;
  /** The user's own, newest first. */
  list(filter?: PageQuery & { status?: JobStatus }): Promise<Page<JobView>>;
  /**
   * Cancels and refunds the job at any stage; repeated, it returns the same job.
   * @throws DarkroomError `job_already_finished` when the job had ended before; it is the error's `job`
   */
  cancel(jobId: string): Promise<JobView>;
  /**
   * Creates a new job with the same input, debited again, for one that failed or was canceled. Without a key each job has
   * one retry: another call returns that one.
   */
  retry(jobId: string, options?: SubmitOptions): Promise<Accepted>;
  /** Follows an existing job: resolves and rejects as `generate` does. */
  follow(jobId: string, options?: FollowOptions): Promise<CompletedJob>;
}

export function createJobs(deps: FollowDeps & { http: Http }): Jobs {
  const { http } = deps;
  const get: Jobs['get'] = (jobId, options) => http.send('GET', jobPath(jobId), options);
  return {
    get,
    create: (input, options = {}) => submit(http, '/v1/jobs', { ...options, body: input }),
    list: (filter) => http.send('GET', `/v1/jobs${query(filter)}`),
    retry: (jobId, options = {}) => submit(http, `${jobPath(jobId)}/retry`, options),
    follow: async (jobId, options = {}) => outcomeOf(await followJob(deps, jobId, options)),

    async cancel(jobId) {
      try {
        return await http.send('POST', `${jobPath(jobId)}/cancel`);
      } catch (error) {
        if (!(error instanceof DarkroomError) || error.code !== 'job_already_finished') throw error;
        // It may have been canceled by the first try, whose answer was lost.
        const job = await get(jobId);
        if (job.status === 'canceled') return job;
        error.job = job;
        throw error;
      }
    },
  };
}

function jobPath(jobId: string): string {
  return `/v1/jobs/${encodeURIComponent(jobId)}`;
}
