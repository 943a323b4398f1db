import { decodeJwt } from 'jose';
import type { Authenticate, Identity } from '../gateway/authenticate.ts';
import { GatewayError } from '../gateway/errors.ts';
import { Refusal } from './refusal.ts';

/** Who a connection is before any token: what its API key stands for. */
export interface Visitor {
  apiKey: string;
  userAgent: string | undefined;
  identity: Identity;
}

/** Who a channel acts as, and until when. */
export interface Session {
  identity: Identity;
  token: string | undefined;
  /** Milliseconds since 1970; undefined for an API key, which does not expire. */
  expiresAt: number | undefined;
}

export type SignIn = (visitor: Visitor, token: string | undefined) => Promise<Session>;

/**
 * A token makes a channel the one it names; without one, or with an API key in its place, the channel is what the
 * connection's key stands for. Unlike the REST API, Realtime insists on `role` and `exp` and allows no time after expiry.
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
