import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { ProblemError } from '../problem/problem.ts';
import type { ByteSemaphore } from './byte-semaphore.ts';
import type { ApiEnv } from './env.ts';

/** 30 MB: an input image of 20 MB is 27 MB as base64. */
export const maxBodyBytes = 30_000_000;
const smallBodyBytes = 100_000;

/** For bodies that may hold an inline image. */
export const limitImageBody = limitBody(maxBodyBytes);
/** For bodies that hold text only. */
export const limitSmallBody = limitBody(smallBodyBytes);

/** Rejects a body of more than `maxBytes` before it is read. @throws ProblemError payload_too_large */
export function limitBody(maxBytes: number): MiddlewareHandler {
  const reject = (): never => {
    throw new ProblemError({
      code: 'payload_too_large',
      detail: `The body may have at most ${maxBytes} bytes.`,
    });
  };
  const countAndLimit = bodyLimit({ maxSize: maxBytes, onError: reject });
  return (c, next) => {
    const length = c.req.header('Content-Length');
    // Node enforces Content-Length. Only a body without it must be counted as a stream, which costs more than reading it.
    if (length === undefined || c.req.header('Transfer-Encoding') !== undefined)
      return countAndLimit(c, next);
    return Number(length) > maxBytes ? reject() : next();
  };
}

/**
 * Admits large bodies only as far as the semaphore allows, before they are read. The handler calls `releaseBody` once it no
 * longer needs the body; the end of the request releases it at the latest.
 */
export function limitBodyMemory(semaphore: ByteSemaphore): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const bytes = bodyBytes(c);
    if (bytes <= smallBodyBytes) return next();
    const release = await semaphore.acquire(bytes);
    c.set('releaseBody', release);
    try {
      await next();
    } finally {
      release();
    }
  };
}

/** A body of unknown length counts as the largest allowed. Without a body there is neither header. */
function bodyBytes(c: Context): number {
  if (c.req.header('Transfer-Encoding') !== undefined) return maxBodyBytes;
  return Math.min(Number(c.req.header('Content-Length') ?? 0), maxBodyBytes);
}
