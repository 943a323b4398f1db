import type { Storage } from './storage.ts';

/** Removals under way at once. */
const width = 8;

/**
 * Removes objects, a few at a time, and returns the keys of those that are gone; what fails, and what comes after
 * the signal, is left out. Never throws.
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
        // A store that is away is asked no further.
        failed = true;
        if (!signal?.aborted) onError?.(error);
      }
    }
  }
  await Promise.all(Array.from({ length: width }, removeOneByOne));
  return removed;
}
