import { createHash } from 'node:crypto';
import { SignJWT } from 'jose';
import type { ClerkKeys } from './keys.ts';

export interface TokenInput {
  userId: string;
  issuer: string;
  /** How long the token is good for, in seconds; negative makes one that has expired. Default 3600. */
  expiresInSeconds?: number;
  /** Not in a Clerk token unless the instance was set up so; left out by default here too. */
  email?: string;
  /** Origin of the app that asked for the token; native apps send none. */
  azp?: string;
  /** Further claims; they win over the usual ones. */
  claims?: Record<string, unknown>;
  now?: Date;
}

/** Signs a session token of version 2, shaped as Clerk's with Supabase connected (`role: authenticated`). */
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
