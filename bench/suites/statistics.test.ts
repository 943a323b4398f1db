import { expect, test } from 'vitest';
import { compareWithBaseline, toBaseline } from '../guard.ts';
import { best, median, quantile, ratio, takeTurns } from './statistics.ts';
import type { Measure, SuiteResult } from './suite.ts';

const measure = (values: Measure['values'], better: Measure['better'] = 'lower'): Measure => ({
  name: 'CPU per job',
  unit: 'ms',
  better,
  values,
});

test('quantiles are interpolated', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(quantile([10, 20], 0.25)).toBe(12.5);
  expect(median([])).toBeNaN();
});

test('a turn that was disturbed for both sides does not change the ratio', () => {
  const disturbed = measure({ Darkroom: [20, 200, 20], floor: [10, 100, 10] });
  expect(ratio(disturbed, 'Darkroom', 'floor')).toBe(2);
});

test('the best is the lowest or the highest, depending on the measure', () => {
  const values = { a: [1, 2, 3], b: [5, 5, 5], empty: [] };
  expect(best(measure(values), ['a', 'b', 'empty'])).toBe('a');
  expect(best(measure(values, 'higher'), ['a', 'b', 'empty'])).toBe('b');
});

test('every contestant has one turn a round, and each round begins with another', async () => {
  const turns: string[] = [];
  await takeTurns(2, ['a', 'b'], async (name) => void turns.push(name));
  expect(turns).toEqual(['a', 'b', 'b', 'a']);
});

test('the guard holds until a ratio is twice as bad, in either direction', () => {
  const result = (cpu: number, rate: number): SuiteResult => ({
    name: 'drain',
    title: '',
    how: '',
    checks: [],
    notes: [],
    measures: [
      measure({ Darkroom: [cpu], floor: [10] }),
      { ...measure({ Darkroom: [rate], floor: [30] }, 'higher'), name: 'completed jobs' },
    ],
  });
  const baseline = toBaseline([result(12, 25)]);
  expect(baseline).toEqual({ drain: { 'CPU per job': 1.2, 'completed jobs': 1.2 } });
  expect(compareWithBaseline([result(23, 13)], baseline).held).toBe(true);
  expect(compareWithBaseline([result(25, 25)], baseline).held).toBe(false);
  expect(compareWithBaseline([result(12, 12)], baseline).held).toBe(false);
  expect(compareWithBaseline([], baseline).held).toBe(false);
});
