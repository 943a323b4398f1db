import type { Log } from '@darkroom/core/log/log';
import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../http/env.ts';
import { ProblemError } from '../problem/problem.ts';
import { bearerToken } from './bearer.ts';
import { createKnownTokens } from './known-tokens.ts';
import { KeysUnavailable, type SessionClaims, verifyByFetchedKeys, verifyByKey } from './session-token.ts';
import type { SignedIn } from './signed-in.ts';

export interface ClerkSettings {
  secretKey: string;
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
export function requireUser(readToken: TokenReader): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const token = bearerToken(c.req.header('Authorization'));
    if (token === null) throw unauthenticated('Send a session token: Authorization: Bearer <token>.');
    const user = await readToken(token);
    if (user === null) throw unauthenticated('The session token is not valid, or no longer.');
    c.set('user', user);
    await next();
  };
}

/** Who a Clerk session token is of; null where it is not valid. @throws ProblemError service_unavailable */
export type TokenReader = (token: string) => Promise<SignedIn | null>;

/** Creates a {@link TokenReader} for an instance of Clerk. A token is verified once, and then known while it lives. */
export function createTokenReader(clerk: ClerkSettings, log: Log): TokenReader {
  const { jwtKey, authorizedParties = [] } = clerk;
  const verify = jwtKey === undefined ? verifyByFetchedKeys(clerk) : verifyByKey(jwtKey);
  const known = createKnownTokens({ epochMs: Date.now });

  return async (token) => {
    const before = known.find(token);
    if (before) return before;
    const claims = await verify(token).catch((error: unknown) => {
      if (error instanceof KeysUnavailable) throw cannotCheck(log, error);
      throw error;
    });
    if (claims === null) return null;
    const { azp, exp } = claims;
    if (azp !== undefined && authorizedParties.length > 0 && !authorizedParties.includes(azp)) return null;
    const user = signedIn(claims);
    known.remember(token, user, exp * 1_000);
    return user;
  };
}

function signedIn(claims: SessionClaims): SignedIn {
  const { sub, email } = claims;
  return {
    id: sub,
    email: typeof email === 'string' && email.includes('@') ? email : null,
    organization: organizationOf(claims),
  };
}

function organizationOf({ v, o, org_id, org_role }: SessionClaims): SignedIn['organization'] {
  const [id, role] = v === 2 ? [o?.id, o?.rol && `org:${o.rol}`] : [org_id, org_role];
  return id && role ? { id, role } : null;
}

function cannotCheck(log: Log, { cause }: KeysUnavailable): ProblemError {
  const remedy = 'Set CLERK_JWT_KEY to need no network.';
  log.fact('unexpected_error', { part: 'clerk', error: cause, remedy });
  return new ProblemError({
    code: 'service_unavailable',
    detail: 'Session tokens cannot be checked at the moment.',
    headers: { 'Retry-After': '5' },
  });
}

function unauthenticated(detail: string): ProblemError {
  return new ProblemError({ code: 'unauthenticated', detail, headers: { 'WWW-Authenticate': 'Bearer' } });
}
