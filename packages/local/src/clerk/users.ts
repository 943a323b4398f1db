import { emailOf } from './user-id.ts';

/** The users of the local Clerk, by id. */
export interface Users {
  /** The email address of a user; null for an unknown id. */
  find(id: string): string | null;
  /** Sets the email address of a user; an unknown id becomes known. */
  set(id: string, email: string): void;
  /** Removes a user, as a deletion in Clerk does. */
  remove(id: string): void;
}

/** Every id that `userId` makes exists from the start, with an address made of the name. */
export function createUsers(): Users {
  const changed = new Map<string, string | null>();
  return {
    find: (id) => (changed.has(id) ? (changed.get(id) ?? null) : emailOf(id)),
    set: (id, email) => void changed.set(id, email),
    remove: (id) => void changed.set(id, null),
  };
}
