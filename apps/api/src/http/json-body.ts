import type { Context } from 'hono';
import { ProblemError } from '../problem/problem.ts';
import type { ApiEnv } from './env.ts';

/**
 * Parses the body. It can be read once: the raw text is not kept in memory.
 * @throws ProblemError unsupported_media_type, malformed_json
 */
export async function readJson(c: Context<ApiEnv>): Promise<unknown> {
  if (!jsonType.test(c.req.header('Content-Type') ?? '')) {
    throw new ProblemError({
      code: 'unsupported_media_type',
      detail: 'Send the body as JSON with the header Content-Type: application/json.',
      headers: { Accept: 'application/json' },
    });
  }
  try {
    return await c.req.json();
  } catch {
    throw new ProblemError({ code: 'malformed_json', detail: 'The body is not valid JSON.' });
  } finally {
    c.req.bodyCache = {};
  }
}

const jsonType = /^application\/(json|[\w.-]+\+json)\s*(;|$)/i;
