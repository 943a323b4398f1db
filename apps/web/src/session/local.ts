import type { Session } from './session.ts';

const storageKey = 'darkroom.name';
const renewBeforeMs = 60_000;

/** The name that last signed in, in any tab. */
export function rememberedName(): string | null {
  return localStorage.getItem(storageKey);
}

/**
 * Signs in with the local stack by name. Tokens are requested when they are needed, so a remembered session also opens
 * while the stack is down.
 */
export function openLocalSession(name: string, onSignOut: () => void): Session {
  localStorage.setItem(storageKey, name);
  let cached: { token: string; expiresAt: number } | null = null;

  return {
    id: name,
    name,
    async getToken({ skipCache = false } = {}) {
      if (cached && !skipCache && Date.now() < cached.expiresAt - renewBeforeMs) return cached.token;
      const response = await fetch('local/sign-in', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name }),
      });
      if (!response.ok) throw new Error(`The sign-in failed with status ${response.status}.`);
      const { token, expires_in } = await response.json();
      cached = { token, expiresAt: Date.now() + expires_in * 1_000 };
      return token;
    },
    signOut() {
      localStorage.removeItem(storageKey);
      onSignOut();
    },
  };
}
