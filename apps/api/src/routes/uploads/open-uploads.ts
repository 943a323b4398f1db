/** How many addresses to upload to each user holds at the moment. */
export interface OpenUploads {
  /** Counts one more. @returns 0, or, where the user holds as many as one may, the milliseconds until one lapses */
  take(userId: string): number;
}

/** Counts in this process alone: it keeps a user from filling the bucket, and is no promise to the last one. */
export function createOpenUploads({
  max,
  forMs,
  now,
}: {
  max: number;
  forMs: number;
  /** Milliseconds that only grow. */
  now: () => number;
}): OpenUploads {
  /** When each lapses, the first to do so first. Users stand in the order in which they took their latest. */
  const byUser = new Map<string, number[]>();

  return {
    take(userId) {
      forget();
      const lapses = (byUser.get(userId) ?? []).filter((at) => at > now());
      if (lapses.length >= max) return lapses[0]! - now();
      byUser.delete(userId);
      byUser.set(userId, [...lapses, now() + forMs]);
      return 0;
    },
  };

  /** Whoever has none left. */
  function forget(): void {
    for (const [userId, lapses] of byUser) {
      if (lapses.at(-1)! > now()) return;
      byUser.delete(userId);
    }
  }
}
