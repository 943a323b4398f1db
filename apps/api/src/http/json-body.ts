import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { ProblemError } from '../problem/problem.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { ApiEnv } from './env.ts';

/** 30 MB: an input image of 20 MB is 27 MB as base64. */
export const maxBodyBytes = 30_000_000;

/** Refuses a body of more than so many bytes before it is read. */
export function limitBodyTo(maxBytes: number): MiddlewareHandler {
  const refuse = (): never => {
    throw new ProblemError({
      code: 'payload_too_large',
      detail: `The body may have at most ${maxBytes} bytes.`,
    });
  };
  const countAndLimit = bodyLimit({ maxSize: maxBytes, onError: refuse });
  return (c, next) => {
    const length = c.req.header('Content-Length');
    // The server holds a body to the length it tells. Only one that tells none has to be counted, as a stream, which
    // costs more than to read a small body.
    if (length === undefined || c.req.header('Transfer-Encoding') !== undefined)
      return countAndLimit(c, next);
    return Number(length) > maxBytes ? refuse() : next();
  };
}

/**
 * Lets in large bodies as far as the budget goes, before they are read. The handler gives the bytes back by
 * `bodyTaken` once it has done with the body; the end of the request does it at the latest.
 */
export function budgetBodies(budget: ByteBudget): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const bytes = sizeOf(c);
    if (bytes <= smallBodyBytes) return next();
    const giveBack = await budget.take(bytes);
    c.set('bodyTaken', giveBack);
    try {
      await next();
    } finally {
      giveBack();
    }
  };
}

/** What does not say its length may be as long as any; without a body there is neither header. */
function sizeOf(c: Context): number {
  if (c.req.header('Transfer-Encoding') !== undefined) return maxBodyBytes;
  return Math.min(Number(c.req.header('Content-Length') ?? 0), maxBodyBytes);
}

const smallBodyBytes = 100_000;

/** For bodies that may hold an image. */
export const limitBody = limitBodyTo(maxBodyBytes);
/** For bodies that hold words. */
export const limitSmallBody = limitBodyTo(smallBodyBytes);

/** The body, parsed; it can be read once, and is not kept. @throws ProblemError unsupported_media_type, malformed_json */
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
  } finally {
    c.req.bodyCache = {};
  }
}

const jsonType = /^application\/(json|[\w.-]+\+json)\s*(;|$)/i;
