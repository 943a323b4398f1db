import { type Job, jobFields } from '@darkroom/core/job/job';

/** Drops columns that the native app's table has besides ours: every channel shows the same object. */
export function toJob(row: Job): Job {
  return Object.fromEntries(jobFields.map((field) => [field, row[field]])) as unknown as Job;
}
