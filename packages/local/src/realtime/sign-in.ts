import { decodeJwt } from 'jose';
import type { Authenticate, Identity } from '../gateway/authenticate.ts';
import { GatewayError } from '../gateway/errors.ts';
import { Refusal } from './refusal.ts';

/** The role of the API key of a connection. */
export interface Visitor {
  apiKey: string;
  userAgent: string | undefined;
  identity: Identity;
}

/** The identity of a channel, and when it expires. */
export interface Session {
  identity: Identity;
  token: string | undefined;
  /** Milliseconds since 1970; undefined for an API key, which does not expire. */
  expiresAt: number | undefined;
}

export type SignIn = (visitor: Visitor, token: string | undefined) => Promise<Session>;

/**
 * A channel has the identity of its token; without a token, or with an API key instead, it has the role of the
 * connection's key. Unlike the REST API, Realtime requires `role` and `exp` and has no leeway after expiry.
 * @throws Refusal
 */
export function createSignIn(authenticate: Authenticate, now: () => number): SignIn {
  return async ({ apiKey, userAgent, identity }, token) => {
    if (!token || token.startsWith('sb_')) return { identity, token: undefined, expiresAt: undefined };
    const claims = claimsOf(token);
    if (typeof claims.exp !== 'number' || typeof claims.role !== 'string') {
      throw new Refusal('InvalidJWTToken', 'Fields `role` and `exp` are required in JWT');
    }
    const expiresAt = claims.exp * 1_000;
    if (expiresAt <= now()) throw new Refusal('InvalidJWTToken', expired(expiresAt, now()));
    try {
      const session = await authenticate({ apiKey, userAgent, authorization: `Bearer ${token}` });
      return { identity: session, token, expiresAt };
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      throw new Refusal(error.status === 401 ? 'InvalidJWTToken' : 'JwtSignerError', error.message);
    }
  };
}

export function expired(expiresAt: number, now: number): string {
  return `Token has expired ${Math.max(0, Math.floor((now - expiresAt) / 1_000))} seconds ago`;
}

function claimsOf(token: string) {
  try {
    return decodeJwt(token);
  } catch {
    throw new Refusal('MalformedJWT', 'The token provided is not a valid JWT');
  }
}
