import { createHash } from 'node:crypto';
import { SignJWT } from 'jose';
import type { ClerkKeys } from './keys.ts';

export interface TokenInput {
  userId: string;
  issuer: string;
  /** Lifetime in seconds; a negative number makes an expired token. Default 3600. */
  expiresInSeconds?: number;
  /** Left out by default, as in Clerk, where an instance must be configured to add it. */
  email?: string;
  /** Origin of the app that asked for the token; native apps send none. */
  azp?: string;
  /** Further claims; they override the usual ones. */
  claims?: Record<string, unknown>;
  now?: Date;
}

/** Signs a version 2 session token like those of a Clerk instance connected to Supabase (`role: authenticated`). */
export function mintToken(keys: ClerkKeys, input: TokenInput): Promise<string> {
  const { userId, issuer, expiresInSeconds = 3600, email, azp, claims, now = new Date() } = input;
  const issuedAt = Math.floor(now.getTime() / 1000);
  const payload = {
    iss: issuer,
    sub: userId,
    sid: sessionOf(userId),
    iat: Math.min(issuedAt, issuedAt + expiresInSeconds),
    nbf: Math.min(issuedAt, issuedAt + expiresInSeconds) - 10,
    exp: issuedAt + expiresInSeconds,
    sts: 'active',
    v: 2,
    fva: [0, -1],
    role: 'authenticated',
    ...(email !== undefined && { email }),
    ...(azp !== undefined && { azp }),
    ...claims,
  };
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'RS256', kid: keys.kid, typ: 'JWT' })
    .sign(keys.privateKey);
}

function sessionOf(userId: string): string {
  return `sess_local_${createHash('sha256').update(userId).digest('hex').slice(0, 20)}`;
}
