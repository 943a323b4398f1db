import { DarkroomError } from '../http/error.ts';
import type { CompletedJob, Job } from './job.ts';

/** The completed job. @throws DarkroomError with the code of the failure, the job and its receipt */
export function outcomeOf(job: Job): CompletedJob {
  if (job.status === 'completed') return job as CompletedJob;
  throw new DarkroomError({
    code: job.error_code ?? job.status,
    message: job.error_message ?? `The job is ${job.status}.`,
    job,
  });
}
