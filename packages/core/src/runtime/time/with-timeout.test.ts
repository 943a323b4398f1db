import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settledWithin, TimeoutError, withTimeout } from './with-timeout.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = () => new Promise<never>(() => {});

test('work that ignores its signal is given up at the time limit', async () => {
  let signal: AbortSignal | undefined;
  const work = withTimeout(1_000, (own) => {
    signal = own;
    return never();
  });
  const rejected = expect(work).rejects.toBeInstanceOf(TimeoutError);
  await vi.advanceTimersByTimeAsync(1_000);
  await rejected;
  expect(signal?.aborted).toBe(true);
});

test('the abort of the caller rejects with its reason and is not a timeout', async () => {
  const caller = new AbortController();
  const work = expect(withTimeout(1_000, never, caller.signal)).rejects.toThrow('canceled');
  caller.abort(new Error('canceled'));
  await work;
  const start = vi.fn(never);
  await expect(withTimeout(1_000, start, caller.signal)).rejects.toThrow('canceled');
  expect(start).not.toHaveBeenCalled();
});

test('no timer and no listener outlives the work', async () => {
  const caller = new AbortController();
  let signal: AbortSignal | undefined;
  const result = await withTimeout(
    1_000,
    async (own) => {
      signal = own;
      return 'done';
    },
    caller.signal,
  );
  expect(result).toBe('done');
  expect(vi.getTimerCount()).toBe(0);
  caller.abort();
  expect(signal?.aborted).toBe(false);
});

test('what the work throws is thrown on, also before its first await', async () => {
  const fails = () => {
    throw new Error('broken');
  };
  await expect(withTimeout(1_000, fails)).rejects.toThrow('broken');
  expect(vi.getTimerCount()).toBe(0);
});

test('settledWithin says whether the work settled in time, failed or not', async () => {
  expect(await settledWithin(1_000, Promise.reject(new Error('broken')))).toBe(true);
  const late = settledWithin(1_000, never());
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await late).toBe(false);
});
