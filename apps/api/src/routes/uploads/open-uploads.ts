/** Counts the unexpired upload URLs of each user. */
export interface OpenUploads {
  /** Counts one more. @returns 0, or the milliseconds until one expires if the user has the maximum */
  add(userId: string): number;
}

/** Counts in this process only: enough to keep a user from filling the bucket, but not an exact limit. */
export function createOpenUploads(options: {
  max: number;
  lifetimeMs: number;
  /** Monotonic milliseconds. */
  now: () => number;
}): OpenUploads {
  const { max, lifetimeMs, now } = options;
  /** Expiry times per user, earliest first. Users are in the order of their latest upload. */
  const byUser = new Map<string, number[]>();

  return {
    add(userId) {
      dropExpired();
      const expiries = (byUser.get(userId) ?? []).filter((at) => at > now());
      if (expiries.length >= max) return expiries[0]! - now();
      byUser.delete(userId);
      byUser.set(userId, [...expiries, now() + lifetimeMs]);
      return 0;
    },
  };

  function dropExpired(): void {
    for (const [userId, expiries] of byUser) {
      if (expiries.at(-1)! > now()) return;
      byUser.delete(userId);
    }
  }
}
