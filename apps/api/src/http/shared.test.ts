import { expect, test } from 'vitest';
import { createShared } from './shared.ts';

test('asks once for all who come while it asks and while the answer is fresh; a failure is not kept', async () => {
  let time = 0;
  let asked = 0;
  const failing = new Set([3]);
  const shared = createShared({
    ask: async () => {
      asked += 1;
      if (failing.has(asked)) throw new Error('away');
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
  await expect(shared()).rejects.toThrow('away');
  expect(await shared()).toBe(4);
});
