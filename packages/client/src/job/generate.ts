import { type FollowDeps, type FollowOptions, followJob } from '../follow/follow.ts';
import { DarkroomError } from '../http/error.ts';
import type { Http } from '../http/http.ts';
import { aborted } from '../http/within.ts';
import type { CompletedJob, JobInput, JobView } from './job.ts';
import type { Jobs } from './jobs.ts';
import { outcomeOf } from './outcome.ts';
import { type SubmitOptions, submit } from './submit.ts';

export interface GenerateOptions extends SubmitOptions, FollowOptions {
  /**
   * An abort cancels the job too, and its credits come back. The promise then rejects when the API has answered; `job`
   * and `receipt` of the error say what became of it.
   */
  cancelOnAbort?: boolean;
}

export type Generate = (input: JobInput, options?: GenerateOptions) => Promise<CompletedJob>;

export function createGenerate(deps: FollowDeps & { http: Http; jobs: Pick<Jobs, 'cancel'> }): Generate {
  const { http, jobs } = deps;

  return async (input, options = {}) => {
    const { signal, cancelOnAbort = false } = options;
    if (signal?.aborted) throw aborted(signal);
    // An answer that is cut short would leave a job that nobody knows to cancel.
    const { job } = await submit(http, '/v1/jobs', { ...options, body: input, seeThrough: cancelOnAbort });
    try {
      return outcomeOf(await followJob(deps, job.id, options, job));
    } catch (error) {
      if (error instanceof DarkroomError && error.code === 'aborted' && cancelOnAbort) {
        error.job = await cancelled(job);
      }
      throw error;
    }
  };

  /** The job, canceled, or as it ended before; as it was seen last where the API could not be reached. */
  async function cancelled(job: JobView): Promise<JobView> {
    try {
      return await jobs.cancel(job.id);
    } catch (error) {
      return ((error as DarkroomError).job as JobView) ?? job;
    }
  }
}
