import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { ProblemError } from '../problem/problem.ts';
import type { ApiEnv } from './env.ts';

/** 30 MB: an input picture of 20 MB is 27 MB as base64. */
export const maxBodyBytes = 30_000_000;

/** Refuses a body of more than so many bytes before it is read. */
export function limitBodyTo(maxBytes: number): MiddlewareHandler {
  return bodyLimit({
    maxSize: maxBytes,
    onError: () => {
      throw new ProblemError({
        code: 'payload_too_large',
        detail: `The body may have at most ${maxBytes} bytes.`,
      });
    },
  });
}

/** For bodies that may hold a picture. */
export const limitBody = limitBodyTo(maxBodyBytes);
/** For bodies that hold words. */
export const limitSmallBody = limitBodyTo(100_000);

/** The body, parsed. @throws ProblemError unsupported_media_type, malformed_json */
export async function readJson(c: Context<ApiEnv>): Promise<unknown> {
  if (!jsonType.test(c.req.header('Content-Type') ?? '')) {
    throw new ProblemError({
      code: 'unsupported_media_type',
      detail: 'Send the body as JSON: Content-Type: application/json.',
      headers: { Accept: 'application/json' },
    });
  }
  try {
    return await c.req.json();
  } catch {
    throw new ProblemError({ code: 'malformed_json', detail: 'The body could not be read as JSON.' });
  }
}

const jsonType = /^application\/(json|[\w.-]+\+json)\s*(;|$)/i;
