import type { Context } from 'hono';
import type { ApiEnv } from '../http/env.ts';
import { type Problem, problems } from './problem.ts';

/** Responds with a problem (RFC 9457). The log lines of the request carry the same `request_id`. */
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
