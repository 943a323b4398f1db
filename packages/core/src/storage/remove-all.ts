import type { Storage } from './storage.ts';

/** Concurrent removals. */
const width = 8;

/**
 * Removes objects, 8 at a time, and returns the keys of the removed ones. Starts no removal after a failure or after the
 * signal. Calls `onError` for failures before the signal. Never throws.
 */
export async function removeAll(
  storage: Pick<Storage, 'delete'>,
  keys: readonly string[],
  { signal, onError }: { signal?: AbortSignal; onError?: (error: unknown) => void } = {},
): Promise<string[]> {
  const waiting = [...keys];
  const removed: string[] = [];
  let failed = false;

  async function removeOneByOne(): Promise<void> {
    while (!failed && !signal?.aborted) {
      const key = waiting.shift();
      if (key === undefined) return;
      try {
        await storage.delete(key, { signal });
        removed.push(key);
      } catch (error) {
        // The store is probably unavailable, so send it no more requests.
        failed = true;
        if (!signal?.aborted) onError?.(error);
      }
    }
  }
  await Promise.all(Array.from({ length: width }, removeOneByOne));
  return removed;
}
