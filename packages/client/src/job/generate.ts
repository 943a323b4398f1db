import { type FollowDeps, type FollowOptions, followJob } from '../follow/follow.ts';
import { DarkroomError } from '../http/error.ts';
import type { Http } from '../http/http.ts';
import { aborted } from '../http/time-limit.ts';
import type { CompletedJob, JobInput, JobView } from './job.ts';
import type { Jobs } from './jobs.ts';
import { outcomeOf } from './outcome.ts';
import { type SubmitOptions, submit } from './submit.ts';

export interface GenerateOptions extends SubmitOptions, FollowOptions {
  /**
   * An abort also cancels and refunds the job. The promise then rejects after the API has answered; `job` and `receipt`
   * of the error tell the result.
   */
  cancelOnAbort?: boolean;
}

export type Generate = (input: JobInput, options?: GenerateOptions) => Promise<CompletedJob>;

export function createGenerate(deps: FollowDeps & { http: Http; jobs: Pick<Jobs, 'cancel'> }): Generate {
  const { http, jobs } = deps;

  return async (input, options = {}) => {
    const { signal, cancelOnAbort = false } = options;
    if (signal?.aborted) throw aborted(signal);
    // Without the answer to the submission the id of the job to cancel would be unknown.
    const { job } = await submit(http, '/v1/jobs', { ...options, body: input, finishOnAbort: cancelOnAbort });
    try {
      return outcomeOf(await followJob(deps, job.id, options, job));
    } catch (error) {
      if (error instanceof DarkroomError && error.code === 'aborted' && cancelOnAbort) {
        error.job = await cancel(job);
      }
      throw error;
    }
  };

  /** The canceled job, or as it had ended before; its last known state if the API could not be reached. */
  async function cancel(job: JobView): Promise<JobView> {
    try {
      return await jobs.cancel(job.id);
    } catch (error) {
      return ((error as DarkroomError).job as JobView) ?? job;
    }
  }
}
