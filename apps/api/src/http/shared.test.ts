import { expect, test } from 'vitest';
import { createShared } from './shared.ts';

test('concurrent callers share one call, a fresh result is reused, and a failure is not', async () => {
  let time = 0;
  let asked = 0;
  const failing = new Set([3]);
  const shared = createShared({
    ask: async () => {
      asked += 1;
      if (failing.has(asked)) throw new Error('unreachable');
      return asked;
    },
    freshMs: 1_000,
    now: () => time,
  });
  expect(await Promise.all([shared(), shared()])).toEqual([1, 1]);
  time = 999;
  expect(await shared()).toBe(1);
  time = 1_000;
  expect(await shared()).toBe(2);
  time = 2_000;
  await expect(shared()).rejects.toThrow('unreachable');
  expect(await shared()).toBe(4);
});
