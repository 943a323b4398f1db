import { type ClerkMiddlewareOptions, clerkMiddleware, getAuth } from '@clerk/hono';
import type { Log } from '@darkroom/core/runtime/log/log';
import { Context } from 'hono';
import type { ApiEnv } from '../http/env.ts';
import { ProblemError } from '../problem/problem.ts';
import type { SessionUser } from './session-user.ts';
import { createVerifiedTokens } from './verified-tokens.ts';

export interface ClerkSettings {
  secretKey: string;
  publishableKey: string;
  /** The instance's public key (PEM). With it, verification needs no network call. */
  jwtKey?: string;
  /** Origins that a token may come from (`azp`); without them any. A token without `azp`, as native apps send, is valid. */
  authorizedParties?: readonly string[];
  /** The Backend API; default https://api.clerk.com. */
  apiUrl?: string;
}

export interface TokenVerifier {
  /** The user of a token that was verified before; else null. */
  findVerified(token: string): SessionUser | null;
  /** The user of the token; null if it is not valid. `url` is the request's. @throws ProblemError service_unavailable */
  verify(token: string, url: string): Promise<SessionUser | null>;
}

/** Verifies session tokens of one Clerk instance, each token once. */
export function createTokenVerifier(clerk: ClerkSettings, log: Log): TokenVerifier {
  const { secretKey, publishableKey, jwtKey, apiUrl, authorizedParties = [] } = clerk;
  // The middleware's type omits `telemetry`. `authorizedParties` is checked below: Clerk's check rejects tokens without `azp`.
  const options: ClerkMiddlewareOptions & { telemetry: { disabled: boolean } } = {
    secretKey,
    publishableKey,
    jwtKey,
    apiUrl,
    telemetry: { disabled: true },
  };
  const authenticate = clerkMiddleware(options);
  const verified = createVerifiedTokens({ epochMs: Date.now });

  return {
    findVerified: verified.find,
    verify: async (token, url) => verified.find(token) ?? (await verifyWithClerk(token, url)),
  };

  async function verifyWithClerk(token: string, url: string): Promise<SessionUser | null> {
    const c = contextWith(token, url);
    await authenticate(c, async () => {}).catch((error: unknown) => {
      // Clerk's decoder throws on a token header such as `null`. Such a token is not valid.
      if (!(error instanceof TypeError)) throw error;
    });
    const reason = c.res.headers.get('x-clerk-auth-reason') ?? '';
    if (!jwtKey && keysUnreachable.has(reason)) {
      log.fact('unexpected_error', {
        part: 'clerk',
        reason,
        remedy: 'Set CLERK_JWT_KEY to verify tokens without the network.',
      });
      throw new ProblemError({
        code: 'service_unavailable',
        detail: 'Session tokens cannot be verified at the moment. Send the request again in a few seconds.',
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
    verified.add(token, user, exp * 1_000);
    return user;
  }
}

/** Clerk's reasons for failing to fetch the instance's public keys. */
const keysUnreachable = new Set(['unexpected-error', 'jwk-remote-failed-to-load', 'secret-key-invalid']);

/**
 * A request with nothing but the token. Given the real one, Clerk would read cookies, answer an expired token with a
 * redirect that carries the token in its URL if the client accepts HTML, and tell the client why a token was rejected.
 */
function contextWith(token: string, url: string): Context<ApiEnv> {
  return new Context<ApiEnv>(new Request(url, { headers: { Authorization: `Bearer ${token}` } }));
}
