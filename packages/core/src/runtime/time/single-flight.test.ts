import { expect, test } from 'vitest';
import { singleFlight } from './single-flight.ts';

test('concurrent callers share one call, a fresh result is reused, and a failure is not', async () => {
  let time = 0;
  let runs = 0;
  const failing = new Set([3]);
  const read = singleFlight({
    work: async () => {
      runs += 1;
      if (failing.has(runs)) throw new Error('unreachable');
      return runs;
    },
    freshMs: 1_000,
    now: () => time,
  });
  expect(await Promise.all([read(), read()])).toEqual([1, 1]);
  time = 999;
  expect(await read()).toBe(1);
  time = 1_000;
  expect(await read()).toBe(2);
  time = 2_000;
  await expect(read()).rejects.toThrow('unreachable');
  expect(await read()).toBe(4);
});
