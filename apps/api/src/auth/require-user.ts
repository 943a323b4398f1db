import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../http/env.ts';
import { ProblemError } from '../problem/problem.ts';
import type { RequestLimits } from '../rate-limit/request-limits.ts';
import { bearerToken } from './bearer.ts';
import type { TokenVerifier } from './token-verifier.ts';

/**
 * Requires a valid Clerk session token in the Authorization header; cookies and machine keys are not accepted. Counts each
 * request by address before it verifies a token, so that requests without a valid one stay cheap, and by user as soon as
 * the user is known.
 * @throws ProblemError unauthenticated, rate_limited, service_unavailable
 */
export function requireUser(tokens: TokenVerifier, limits: RequestLimits): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const token = bearerToken(c.req.header('Authorization'));
    const known = token === null ? null : tokens.findVerified(token);
    await limits.countByAddress(c, known);
    if (token === null) throw unauthenticated('Send a session token: Authorization: Bearer <token>.');
    const user = known ?? (await tokens.verify(token, c.req.url));
    if (user === null) throw unauthenticated('The session token is invalid or has expired. Send a new one.');
    if (known === null) await limits.countByUser(c, user);
    c.set('user', user);
    await next();
  };
}

function unauthenticated(detail: string): ProblemError {
  return new ProblemError({ code: 'unauthenticated', detail, headers: { 'WWW-Authenticate': 'Bearer' } });
}
