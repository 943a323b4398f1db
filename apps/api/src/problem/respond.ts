import type { Context } from 'hono';
import type { ApiEnv } from '../http/env.ts';
import { type Problem, problems } from './problem.ts';

/** Answers with a problem as RFC 9457 writes it. `request_id` leads to the line in the log. */
export function respondWithProblem(c: Context<ApiEnv>, problem: Problem): Response {
  const { code, detail, errors, extras, headers } = problem;
  const { status, title } = problems[code];
  const body = {
    type: `urn:darkroom:problem:${code}`,
    title,
    status,
    detail,
    code,
    request_id: c.get('requestId'),
    ...(errors && { errors }),
    ...extras,
  };
  return c.body(JSON.stringify(body), status, { ...headers, 'Content-Type': 'application/problem+json' });
}
