import { hash } from 'node:crypto';
import type { SignedIn } from './signed-in.ts';

/** Session tokens that were found good, so that each is verified once and not with every request. */
export interface KnownTokens {
  /** Whose token this is; null where it is not known, or not any more. */
  find(token: string): SignedIn | null;
  /** `expiresAt` in epoch milliseconds, as the token says. */
  remember(token: string, user: SignedIn, expiresAt: number): void;
}

/** A key that was withdrawn is believed no longer than this, in milliseconds. Clerk's own tokens live as long. */
const longestMs = 60_000;
const maxRemembered = 10_000;

/** Holds no token, only the hash of one; never beyond its end. The oldest is forgotten first. */
export function createKnownTokens({ epochMs }: { epochMs: () => number }): KnownTokens {
  const known = new Map<string, { user: SignedIn; until: number }>();
  const keyOf = (token: string) => hash('sha256', token, 'base64');

  return {
    find(token) {
      const key = keyOf(token);
      const found = known.get(key);
      if (!found) return null;
      if (epochMs() < found.until) return found.user;
      known.delete(key);
      return null;
    },
    remember(token, user, expiresAt) {
      const until = Math.min(expiresAt, epochMs() + longestMs);
      if (!(until > epochMs())) return;
      known.set(keyOf(token), { user, until });
      if (known.size > maxRemembered) known.delete(known.keys().next().value!);
    },
  };
}
