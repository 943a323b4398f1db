import type { JobInput } from '@darkroom/client';

/** A submission whose answer has not come. Sent again under its key it makes no second job. */
export interface Unanswered {
  key: string;
  input: JobInput;
  at: number;
}

/** Keys are good for 48 hours, but who comes back after more than this has moved on. */
const longestMs = 10 * 60_000;
const longestText = 500_000;

/** Remembers submissions over a reload or a crash of the page, in this browser and for this user. */
export function createOutbox(userId: string) {
  const storageKey = `darkroom.outbox.${userId}`;
  const read = (): Unanswered[] => {
    try {
      return JSON.parse(localStorage.getItem(storageKey) ?? '[]');
    } catch {
      return [];
    }
  };
  const write = (all: Unanswered[]) => {
    const text = JSON.stringify(all);
    // An image may be too large to be kept: then a reload forgets it, as if it had not been sent.
    if (text.length < longestText) localStorage.setItem(storageKey, text);
  };
  return {
    add: (one: Unanswered) => write([...read(), one]),
    remove: (key: string) => write(read().filter((one) => one.key !== key)),
    /** What is young enough to be sent again; the rest is forgotten. */
    pending(now: number): Unanswered[] {
      const young = read().filter(({ at }) => now - at < longestMs);
      write(young);
      return young;
    },
  };
}
