import { ISSUER } from '../clerk/instance.ts';
import type { ClerkKeys } from '../clerk/keys.ts';
import { mintToken } from '../clerk/mint.ts';
import { userId } from '../clerk/user-id.ts';

const lastsSeconds = 3_600;
const longestName = 60;

export interface SignedIn {
  token: string;
  expires_in: number;
  user_id: string;
}

/** A session token of the local Clerk for a name, as from `npm run token`; null for an invalid name. */
export async function signIn(keys: ClerkKeys, request: unknown): Promise<SignedIn | null> {
  const name = (request as { name?: unknown } | null)?.name;
  if (typeof name !== 'string' || name.trim() === '' || name.length > longestName) return null;
  const id = userId(name.trim());
  const token = await mintToken(keys, { userId: id, issuer: ISSUER, expiresInSeconds: lastsSeconds });
  return { token, expires_in: lastsSeconds, user_id: id };
}
