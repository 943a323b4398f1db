import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { limitTime } from './limit.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = () => new Promise<never>(() => {});

test('when the time is over, work that does not listen is given up too', async () => {
  const limit = limitTime(1_000);
  const work = expect(limit.race(never())).rejects.toThrow('aborted');
  await vi.advanceTimersByTimeAsync(1_000);
  await work;
  expect(limit).toMatchObject({ isOver: true, signal: { aborted: true } });
});

test('the caller’s abort is passed on with its reason, and is not taken for the time', async () => {
  const caller = new AbortController();
  const limit = limitTime(1_000, caller.signal);
  const work = expect(limit.race(never())).rejects.toThrow('canceled');
  caller.abort(new Error('canceled'));
  await work;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(limit.isOver).toBe(false);
  expect(limitTime(1_000, caller.signal).signal.reason).toEqual(new Error('canceled'));
});

test('once it has ended nothing is left of it', async () => {
  const caller = new AbortController();
  const limit = limitTime(1_000, caller.signal);
  expect(await limit.race(Promise.resolve('done'))).toBe('done');
  limit.end();
  expect(vi.getTimerCount()).toBe(0);
  caller.abort();
  expect(limit.signal.aborted).toBe(false);
});
