import type { Session } from './session.ts';

const storageKey = 'darkroom.name';
const renewBeforeMs = 60_000;

/** The name that was signed in with last, in any tab. */
export function rememberedName(): string | null {
  return localStorage.getItem(storageKey);
}

/**
 * Signs in with the local stack, which knows everybody by name. A token is asked for when one is needed, so this also
 * takes up a session that was remembered while the stack is away.
 */
export function openLocalSession(name: string, onSignOut: () => void): Session {
  localStorage.setItem(storageKey, name);
  let held: { token: string; expiresAt: number } | null = null;

  return {
    id: name,
    name,
    async getToken({ skipCache = false } = {}) {
      if (held && !skipCache && Date.now() < held.expiresAt - renewBeforeMs) return held.token;
      const response = await fetch('local/sign-in', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name }),
      });
      if (!response.ok) throw new Error(`The sign-in answered ${response.status}.`);
      const { token, expires_in } = await response.json();
      held = { token, expiresAt: Date.now() + expires_in * 1_000 };
      return token;
    },
    signOut() {
      localStorage.removeItem(storageKey);
      onSignOut();
    },
  };
}
