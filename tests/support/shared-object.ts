import { type Job, jobFields } from '@darkroom/core/job/job';

/** The job alone, without what one channel tells beside it. */
export function shared(job: object): Job {
  const fields = jobFields as readonly string[];
  return Object.fromEntries(Object.entries(job).filter(([name]) => fields.includes(name))) as unknown as Job;
}
