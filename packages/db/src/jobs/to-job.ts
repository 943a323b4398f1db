import { type Job, jobFields } from '@darkroom/core/job/job';

/** A live table may have columns that are none of ours: every channel shows the same object. */
export function toJob(row: Job): Job {
  return Object.fromEntries(jobFields.map((field) => [field, row[field]])) as unknown as Job;
}
