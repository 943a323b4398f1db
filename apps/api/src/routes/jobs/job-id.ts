import { z } from 'zod';
import { ProblemError } from '../../problem/problem.ts';

/** The job's id of the path. What cannot be an id names no job. @throws ProblemError not_found */
export function readJobId(param: string | undefined): string {
  const parsed = z.guid().safeParse(param);
  if (!parsed.success) throw noSuchJob();
  return parsed.data.toLowerCase();
}

/** Said alike of a job that is not there and of another's. */
export function noSuchJob(): ProblemError {
  return new ProblemError({ code: 'not_found', detail: 'There is no such job.' });
}
