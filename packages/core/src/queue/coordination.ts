/**
 * State that all processes of a deployment share: rate limit counters, model quotas, open breakers. The queue's server
 * keeps it under the queue's namespace. All of it may be lost at any moment; callers then continue with local state.
 * Times follow the server's clock, so clock differences between processes do not matter.
 * Every call rejects within the configured timeout, and at once during a known outage.
 */
export interface Coordination {
  readonly backend: 'redis' | 'postgres';
  /**
   * Increments each counter in order and stops after the first that exceeds its limit. A key's window starts with its
   * first increment. Returns one count for each counter that was incremented. @throws QueueUnavailable
   */
  count(counters: readonly Counter[]): Promise<Count[]>;
  /** Takes one of `limit` slots; a slot is free again `windowMs` after it was taken. @throws QueueUnavailable */
  reserve(key: string, slots: Slots): Promise<Reservation>;
  /** Frees a slot before its window ends, because it was not used. Safe to repeat. @throws QueueUnavailable */
  release(key: string, slotId: string): Promise<void>;
  /**
   * Stores a value for `ttlMs`. Returns false and writes nothing where a live value exists (`if: 'absent'`) or where the
   * existing one expires later (`if: 'longer'`). @throws QueueUnavailable
   */
  setValue(
    key: string,
    value: string,
    options: { ttlMs: number; if: 'always' | 'absent' | 'longer' },
  ): Promise<boolean>;
  /** Deletes values; where `value` is given, only if the key still holds it. @throws QueueUnavailable */
  deleteValues(values: readonly { key: string; value?: string }[]): Promise<void>;
  /** Every value that has not expired. @throws QueueUnavailable */
  listValues(): Promise<StoredValue[]>;
  /** Idempotent; never waits for an unreachable server. */
  close(): Promise<void>;
}

export interface Counter {
  key: string;
  /** Increments beyond the limit are counted too. */
  limit: number;
  /** A whole number. */
  windowSeconds: number;
}

export interface Count {
  /** Increments in the current window, this one included. */
  count: number;
  /** Milliseconds until the window ends. */
  resetMs: number;
}

export interface Slots {
  limit: number;
  windowMs: number;
}

/**
 * `waitMs`: when to try again. Callers that are turned away get different times, spread over the moments at which slots
 * become free.
 */
export type Reservation = { reserved: true; slotId: string } | { reserved: false; waitMs: number };

export interface StoredValue {
  key: string;
  value: string;
  remainingMs: number;
}
