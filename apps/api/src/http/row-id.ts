import { z } from 'zod';
import { ProblemError } from '../problem/problem.ts';

/** The id of the path. What cannot be an id names nothing. @throws ProblemError not_found */
export function readRowId(param: string | undefined, what: string): string {
  const parsed = z.guid().safeParse(param);
  if (!parsed.success) throw noSuch(what);
  return parsed.data.toLowerCase();
}

/** Said alike of what is not there and of another's. */
export function noSuch(what: string): ProblemError {
  return new ProblemError({ code: 'not_found', detail: `There is no such ${what}.` });
}
