import type { LimitAnswer, Limiter } from '@darkroom/core/limits/limiter';
import type { Context, MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../http/env.ts';
import { ProblemError } from '../problem/problem.ts';
import type { SenderOf } from './sender.ts';

/**
 * Lets one address send so many requests, before it is known who they are from: what a stranger asks for is then cheap.
 * @throws ProblemError rate_limited
 */
export function limitAddress(limiter: Limiter, senderOf: SenderOf): MiddlewareHandler<ApiEnv> {
  return limit(limiter, senderOf);
}

/** Lets one user send so many requests, by whatever process and address. @throws ProblemError rate_limited */
export function limitUser(limiter: Limiter): MiddlewareHandler<ApiEnv> {
  return limit(limiter, (c) => c.get('user').id);
}

/** Where several limits hold for a request, its answer tells of the innermost that was asked. */
function limit(limiter: Limiter, keyOf: (c: Context<ApiEnv>) => string | null): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const key = c.req.method === 'OPTIONS' ? null : keyOf(c);
    if (key === null) return next();
    const answer = await limiter.take(key);
    const headers = headersOf(limiter, answer);
    if (!answer.allowed) throw tooMany(answer, headers);
    await next();
    if (c.res.headers.has('RateLimit')) return;
    for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value);
  };
}

/** As draft-ietf-httpapi-ratelimit-headers writes them. */
function headersOf({ policy }: Limiter, { remaining, resetMs }: LimitAnswer): Record<string, string> {
  return {
    RateLimit: `"${policy.name}";r=${remaining};t=${secondsOf(resetMs)}`,
    'RateLimit-Policy': `"${policy.name}";q=${policy.most};w=${policy.seconds}`,
  };
}

function tooMany({ resetMs }: LimitAnswer, headers: Record<string, string>): ProblemError {
  const seconds = Math.max(1, secondsOf(resetMs));
  const inSeconds = seconds === 1 ? 'in a second' : `in ${seconds} seconds`;
  return new ProblemError({
    code: 'rate_limited',
    detail: `That was too many requests in a minute. Send the next one ${inSeconds}.`,
    headers: { ...headers, 'Retry-After': String(seconds) },
  });
}

function secondsOf(ms: number): number {
  return Math.ceil(ms / 1_000);
}
