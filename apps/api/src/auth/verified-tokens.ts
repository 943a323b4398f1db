import { hash } from 'node:crypto';
import { createExpiringMap } from '@darkroom/core/runtime/time/expiring-map';
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
  const verified = createExpiringMap<SessionUser>({ maxSize: maxTokens, now: epochMs });
  const keyOf = (token: string) => hash('sha256', token, 'base64');

  return {
    find: (token) => verified.get(keyOf(token)) ?? null,
    add(token, user, expiresAt) {
      verified.set(keyOf(token), user, Math.min(expiresAt, epochMs() + maxAgeMs));
    },
  };
}
