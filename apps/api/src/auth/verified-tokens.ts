import { hash } from 'node:crypto';
import type { SessionUser } from './session-user.ts';

/** Remembers verified session tokens, so that each is verified once and not with every request. */
export interface VerifiedTokens {
  /** The token's user; null if the token is unknown or has expired. */
  find(token: string): SessionUser | null;
  /** `expiresAt` in epoch milliseconds, from the token. */
  add(token: string, user: SessionUser, expiresAt: number): void;
}

/** A withdrawn signing key is trusted no longer than this, in milliseconds: the lifetime of Clerk's own tokens. */
const maxAgeMs = 60_000;
const maxTokens = 10_000;

/** Keeps hashes, never tokens, and none beyond its expiry. The oldest is dropped first. */
export function createVerifiedTokens({ epochMs }: { epochMs: () => number }): VerifiedTokens {
  const verified = new Map<string, { user: SessionUser; until: number }>();
  const keyOf = (token: string) => hash('sha256', token, 'base64');

  return {
    find(token) {
      const key = keyOf(token);
      const found = verified.get(key);
      if (!found) return null;
      if (epochMs() < found.until) return found.user;
      verified.delete(key);
      return null;
    },
    add(token, user, expiresAt) {
      const until = Math.min(expiresAt, epochMs() + maxAgeMs);
      if (!(until > epochMs())) return;
      verified.set(keyOf(token), { user, until });
      if (verified.size > maxTokens) verified.delete(verified.keys().next().value!);
    },
  };
}
