import type { JobInput } from '@darkroom/client';

/** A submission that was not answered yet. Sending it again under its key creates no second job. */
export interface PendingSubmission {
  key: string;
  input: JobInput;
  at: number;
}

/** Keys are valid for 48 hours, but a user who returns later than this no longer expects the image. */
const maxAgeMs = 10 * 60_000;
const maxLength = 500_000;

/** Stores submissions in this browser, so that they survive a reload or a crash of the page. */
export function createPendingSubmissions(userId: string) {
  const storageKey = `darkroom.outbox.${userId}`;
  const read = (): PendingSubmission[] => {
    try {
      return JSON.parse(localStorage.getItem(storageKey) ?? '[]');
    } catch {
      return [];
    }
  };
  const write = (all: PendingSubmission[]) => {
    const text = JSON.stringify(all);
    // A submission with a large inline image is not stored: a reload forgets it.
    if (text.length < maxLength) localStorage.setItem(storageKey, text);
  };
  return {
    add: (one: PendingSubmission) => write([...read(), one]),
    remove: (key: string) => write(read().filter((one) => one.key !== key)),
    /** Those recent enough to be sent again; older ones are removed. */
    recent(now: number): PendingSubmission[] {
      const recent = read().filter(({ at }) => now - at < maxAgeMs);
      write(recent);
      return recent;
    },
  };
}
