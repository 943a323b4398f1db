import { expect, test } from 'vitest';
import { createMedians, estimateProgress } from './progress.ts';

test('progress rises from 15, exceeds 65 after the median time, and never exceeds 89', () => {
  const at = (elapsedMs: number) => estimateProgress({ elapsedMs, medianMs: 10_000 });
  const seconds = Array.from({ length: 600 }, (_, second) => at(second * 1_000));
  expect(seconds[0]).toBe(15);
  expect(seconds[10]).toBeGreaterThan(65);
  expect(seconds.at(-1)).toBe(89);
  expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
});

test('negative and huge times give a progress within the bounds', () => {
  expect(estimateProgress({ elapsedMs: -5, medianMs: 10_000 })).toBe(15);
  expect(estimateProgress({ elapsedMs: 1e12, medianMs: 0 })).toBe(89);
});

test('the median covers the last 50 calls of a model, and is 10 s before the first', () => {
  const medians = createMedians();
  expect(medians.of('a')).toBe(10_000);
  for (const ms of [9_000, 1_000, 2_000]) medians.record('a', ms);
  expect(medians.of('a')).toBe(2_000);
  medians.record('a', 4_000);
  expect(medians.of('a')).toBe(3_000);
  for (let call = 0; call < 50; call += 1) medians.record('a', 7_000);
  medians.record('b', 1);
  expect(medians.all()).toEqual({ a: 7_000, b: 1 });
});
