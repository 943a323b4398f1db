/** A map of bounded size whose values expire. */
export interface ExpiringMap<Value> {
  /** Undefined for a missing or expired key. */
  get(key: string): Value | undefined;
  /** `expiresAt` is on the clock of the map, in milliseconds; infinite for a value that does not expire. */
  set(key: string, value: Value, expiresAt: number): void;
}

/** Drops the entry that was set the longest ago when there are more than `maxSize`. `now` is in milliseconds. */
export function createExpiringMap<Value>({
  maxSize,
  now,
}: {
  maxSize: number;
  now: () => number;
}): ExpiringMap<Value> {
  const entries = new Map<string, { value: Value; expiresAt: number }>();
  return {
    get(key) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      if (now() < entry.expiresAt) return entry.value;
      entries.delete(key);
      return undefined;
    },
    set(key, value, expiresAt) {
      // Deleted first, so that the key moves to the end of the map's order.
      entries.delete(key);
      entries.set(key, { value, expiresAt });
      if (entries.size > maxSize) entries.delete(entries.keys().next().value!);
    },
  };
}
