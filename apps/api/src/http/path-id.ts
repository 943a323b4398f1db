import { z } from 'zod';
import { ProblemError } from '../problem/problem.ts';

/** Reads the id in the path, in lower case. An id that is no UUID is not found. @throws ProblemError not_found */
export function readPathId(param: string | undefined, noun: string): string {
  const parsed = z.guid().safeParse(param);
  if (!parsed.success) throw notFound(noun);
  return parsed.data.toLowerCase();
}

/** The same for a row that does not exist and for another user's. */
export function notFound(noun: string): ProblemError {
  return new ProblemError({ code: 'not_found', detail: `There is no such ${noun}.` });
}
