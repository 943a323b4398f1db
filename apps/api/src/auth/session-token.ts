import { createPublicKey, type KeyObject } from 'node:crypto';
import { verifyToken } from '@clerk/backend';
import { TokenVerificationError } from '@clerk/backend/errors';
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';

/** What Clerk writes into a session token, as far as it is read here. */
export interface SessionClaims extends JWTPayload {
  sub: string;
  exp: number;
  /** The origin that the session is of. */
  azp?: string;
  /** `pending`: signed in, but something is still asked of the user. */
  sts?: string;
  /** Version 2 tells of the organisation in `o`, the one before in claims of their own. */
  v?: number;
  o?: { id?: string; rol?: string };
  org_id?: string;
  org_role?: string;
  email?: unknown;
}

/** The claims of a session token that is valid at this moment, else null. @throws KeysUnavailable */
export type VerifySession = (token: string) => Promise<SessionClaims | null>;

/** The public keys could not be had, so nothing is known about the token. */
export class KeysUnavailable extends Error {
  override name = 'KeysUnavailable';
}

/** How far the clocks of Clerk and of this machine may be apart, in seconds. */
const clockSkewS = 5;

/**
 * Creates a {@link VerifySession} with the instance's public key (RSA, PEM): no token costs a call.
 * @throws Error for what is no such key
 */
export function verifyByKey(jwtKey: string): VerifySession {
  const key = readKey(jwtKey);
  const options = { algorithms: ['RS256'], clockTolerance: clockSkewS, requiredClaims: ['sub', 'exp'] };
  return async (token) => {
    try {
      const { payload, protectedHeader } = await jwtVerify<SessionClaims>(token, key, options);
      return isSession(protectedHeader.typ, payload) ? payload : null;
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  };
}

/** However its lines are broken. */
function readKey(pem: string): KeyObject {
  const der = Buffer.from(pem.replace(/-----(BEGIN|END) PUBLIC KEY-----|\s/g, ''), 'base64');
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  if (key.asymmetricKeyType !== 'rsa') throw new Error(`Clerk signs with RSA, not ${key.asymmetricKeyType}.`);
  return key;
}

/** Creates a {@link VerifySession} that has Clerk's library fetch the public keys from the Backend API, and keep them. */
export function verifyByFetchedKeys(clerk: { secretKey: string; apiUrl?: string }): VerifySession {
  const { secretKey, apiUrl } = clerk;
  return async (token) => {
    const typ = typeOf(token);
    if (typ === null) return null;
    try {
      const payload = await verifyToken(token, { secretKey, apiUrl, clockSkewInMs: clockSkewS * 1_000 });
      return isSession(typ, payload as SessionClaims) ? (payload as SessionClaims) : null;
    } catch (error) {
      if (error instanceof TokenVerificationError && !keysUnavailable.has(error.reason)) return null;
      throw new KeysUnavailable('Clerk gave no public keys', { cause: error });
    }
  };
}

const keysUnavailable: ReadonlySet<string> = new Set(['jwk-remote-failed-to-load', 'secret-key-invalid']);

/** What the token says it is; null where it is no token at all, on which Clerk's decoder fails. */
function typeOf(token: string): string | undefined | null {
  try {
    return decodeProtectedHeader(token).typ;
  } catch {
    return null;
  }
}

/** Clerk signs tokens of machines and of OAuth with the same key. */
function isSession(typ: string | undefined, { sub, iat, sts }: SessionClaims): boolean {
  const issuedLater = iat !== undefined && iat > Date.now() / 1_000 + clockSkewS;
  return (
    (typ === undefined || typ === 'JWT') &&
    typeof sub === 'string' &&
    !sub.startsWith('mch_') &&
    !issuedLater &&
    sts !== 'pending'
  );
}
