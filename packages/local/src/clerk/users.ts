import { emailOf } from './user-id.ts';

/** Who the local Clerk knows, by user id. */
export interface Users {
  /** The email address of a user, or null for a stranger. */
  find(id: string): string | null;
  /** Gives a user an email address of its own; this also makes an id known that no name leads to. */
  set(id: string, email: string): void;
  /** Forgets a user, as after a deletion in Clerk. */
  remove(id: string): void;
}

/** Every id that a name leads to is known from the start, with the name's address. */
export function createUsers(): Users {
  const changed = new Map<string, string | null>();
  return {
    find: (id) => (changed.has(id) ? (changed.get(id) ?? null) : emailOf(id)),
    set: (id, email) => void changed.set(id, email),
    remove: (id) => void changed.set(id, null),
  };
}
