import { type ClerkMiddlewareOptions, clerkMiddleware, getAuth } from '@clerk/hono';
import type { Log } from '@darkroom/core/runtime/log/log';
import { Context, type MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../http/env.ts';
import { ProblemError } from '../problem/problem.ts';
import type { RequestLimits } from '../rate-limit/limit-requests.ts';
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
 * no cookies, no keys of machines, no redirects. Each request is counted first, by its sender, and by its user: at once where
 * the token is known, else when it has been verified, so that what a stranger asks for is cheap.
 * @throws ProblemError unauthenticated, rate_limited, service_unavailable
 */
export function requireUser(tokens: TokenReader, limits: RequestLimits): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const token = bearerToken(c.req.header('Authorization'));
    const known = token === null ? null : tokens.find(token);
    await limits.takeSender(c, known);
    if (token === null) throw unauthenticated('Send a session token: Authorization: Bearer <token>.');
    const user = known ?? (await tokens.read(c, token));
    if (user === null) throw unauthenticated('The session token is not valid, or no longer.');
    if (known === null) await limits.takeUser(c, user);
    c.set('user', user);
    await next();
  };
}

/** Tells who a Clerk session token is of. */
export interface TokenReader {
  /** Whose token this is where it was verified before; else null. */
  find(token: string): SignedIn | null;
  /** Whose token this is; null where it is not valid. @throws ProblemError service_unavailable */
  read(c: Context<ApiEnv>, token: string): Promise<SignedIn | null>;
}

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

  return {
    find: known.find,
    read: async (c, token) => known.find(token) ?? (await verified(c.req.url, token)),
  };

  async function verified(url: string, token: string): Promise<SignedIn | null> {
    const c = contextOf(url, token);
    await verify(c, async () => {}).catch((error: unknown) => {
      // A header such as `null` makes Clerk's decoder throw. Nothing is lost: such a token is no one's.
      if (!(error instanceof TypeError)) throw error;
    });
    const reason = c.res.headers.get('x-clerk-auth-reason') ?? '';
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
  }
}

/** Why Clerk's middleware could not tell, where it had to fetch the public keys. */
const keysUnreachable = new Set(['unexpected-error', 'jwk-remote-failed-to-load', 'secret-key-invalid']);

/**
 * What Clerk is shown: a request that holds the token and nothing else. Of the real one it would read cookies, answer an
 * expired token with a redirect that has the token in its address when the client accepts HTML, and tell strangers in the
 * answer why a token was refused.
 */
function contextOf(url: string, token: string): Context<ApiEnv> {
  return new Context<ApiEnv>(new Request(url, { headers: { Authorization: `Bearer ${token}` } }));
}

function unauthenticated(detail: string): ProblemError {
  return new ProblemError({ code: 'unauthenticated', detail, headers: { 'WWW-Authenticate': 'Bearer' } });
}
