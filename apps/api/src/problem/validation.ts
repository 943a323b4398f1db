import type { z } from 'zod';
import { type FieldError, ProblemError } from './problem.ts';

const maxErrors = 20;
const maxNameCharacters = 100;

/** A 422 about one field, query parameter or header. */
export function invalidField(path: string, message: string): ProblemError {
  return invalidRequest([{ path, message }]);
}

/** Parses `input`. @throws ProblemError invalid_request that names every invalid field, at most 20 */
export function validate<Output>(schema: z.ZodType<Output>, input: unknown): Output {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalidRequest(parsed.error.issues.flatMap(fieldErrors).slice(0, maxErrors));
}

function invalidRequest(errors: readonly FieldError[]): ProblemError {
  const detail = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join(' ');
  return new ProblemError({ code: 'invalid_request', detail, errors });
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const parent = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys') return [{ path: parent.join('/'), message: issue.message }];
  return issue.keys.map((key) => ({
    path: [...parent, key.slice(0, maxNameCharacters)].join('/'),
    message: 'Unknown field.',
  }));
}
