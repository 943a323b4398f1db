import { type ClerkMiddlewareOptions, clerkMiddleware, getAuth } from '@clerk/hono';
import type { Log } from '@darkroom/core/log/log';
import type { Context, MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../http/env.ts';
import { ProblemError } from '../problem/problem.ts';
import { bearerToken } from './bearer.ts';
import { createKnownTokens } from './known-tokens.ts';
import type { SignedIn } from './signed-in.ts';

export interface ClerkSettings {
  secretKey: string;
  publishableKey: string;
  /** The public key of the instance (PEM). With it no request costs a network call. */
  jwtKey?: string;
  /** Origins that a token may come from; without them, any. A token that names none, as native apps' do, is good. */
  authorizedParties?: readonly string[];
  /** The Backend API; default https://api.clerk.com. */
  apiUrl?: string;
}

/**
 * Lets through who carries a valid Clerk session token in the Authorization header, and no one else:
 * no cookies, no keys of machines, no redirects. @throws ProblemError unauthenticated
 */
export function requireUser(clerk: ClerkSettings, log: Log): MiddlewareHandler<ApiEnv> {
  const readToken = createTokenReader(clerk, log);
  return async (c, next) => {
    const token = bearerToken(c.req.header('Authorization'));
    if (token === null) throw unauthenticated('Send a session token: Authorization: Bearer <token>.');
    const user = await readToken(c, token);
    if (user === null) throw unauthenticated('The session token is not valid, or no longer.');
    c.set('user', user);
    await next();
  };
}

/** Who a Clerk session token is of; null where it is not valid. @throws ProblemError service_unavailable */
export type TokenReader = (c: Context<ApiEnv>, token: string) => Promise<SignedIn | null>;

/** Creates a {@link TokenReader} for an instance of Clerk. A token is verified once, and then known while it lives. */
export function createTokenReader(clerk: ClerkSettings, log: Log): TokenReader {
  const { secretKey, publishableKey, jwtKey, apiUrl, authorizedParties = [] } = clerk;
  // Clerk's own check of parties refuses tokens that name none. The middleware's type leaves out what it hands on to the client it makes.
  const options: ClerkMiddlewareOptions & { telemetry: { disabled: boolean } } = {
    secretKey,
    publishableKey,
    jwtKey,
    apiUrl,
    telemetry: { disabled: true },
  };
  const verify = clerkMiddleware(options);
  const known = createKnownTokens({ epochMs: Date.now });

  return async (c, token) => {
    const before = known.find(token);
    if (before) return before;
    await withTokenAlone(c, token, async () => {
      await verify(c, async () => {});
    }).catch((error: unknown) => {
      // A header such as `null` makes Clerk's decoder throw. Nothing is lost: such a token is no one's.
      if (!(error instanceof TypeError)) throw error;
    });
    const reason = takeClerkHeaders(c);
    if (!jwtKey && keysUnreachable.has(reason)) {
      log.fact('unexpected_error', {
        part: 'clerk',
        reason,
        remedy: 'Set CLERK_JWT_KEY to need no network.',
      });
      throw new ProblemError({
        code: 'service_unavailable',
        detail: 'Session tokens cannot be checked at the moment.',
        headers: { 'Retry-After': '5' },
      });
    }
    if (!c.get('clerkAuth')) return null;
    const auth = getAuth(c);
    if (!auth.isAuthenticated || auth.tokenType !== 'session_token') return null;
    const { azp, email, exp } = auth.sessionClaims;
    if (azp !== undefined && authorizedParties.length > 0 && !authorizedParties.includes(azp)) return null;
    const user = {
      id: auth.userId,
      email: typeof email === 'string' && email.includes('@') ? email : null,
      organization: auth.orgId && auth.orgRole ? { id: auth.orgId, role: auth.orgRole } : null,
    };
    known.remember(token, user, exp * 1_000);
    return user;
  };
}

/** Why Clerk's middleware could not tell, where it had to fetch the public keys. */
const keysUnreachable = new Set(['unexpected-error', 'jwk-remote-failed-to-load', 'secret-key-invalid']);

/**
 * Shows Clerk a request that holds the token and nothing else. Of the real one it would read cookies, and answer an
 * expired token with a redirect that has the token in its address when the client accepts HTML.
 */
async function withTokenAlone(c: Context<ApiEnv>, token: string, run: () => Promise<void>): Promise<void> {
  const request = c.req.raw;
  c.req.raw = new Request(request.url, { headers: { Authorization: `Bearer ${token}` } });
  try {
    await run();
  } finally {
    c.req.raw = request;
  }
}

/** Removes what Clerk adds to the answer; it tells strangers why a token was refused. */
function takeClerkHeaders(c: Context<ApiEnv>): string {
  const reason = c.res.headers.get('x-clerk-auth-reason') ?? '';
  for (const name of ['reason', 'message', 'status']) c.res.headers.delete(`x-clerk-auth-${name}`);
  return reason;
}

function unauthenticated(detail: string): ProblemError {
  return new ProblemError({ code: 'unauthenticated', detail, headers: { 'WWW-Authenticate': 'Bearer' } });
}
