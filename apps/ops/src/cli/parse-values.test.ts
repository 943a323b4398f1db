import { expect, test } from 'vitest';
import { UsageError } from './command.ts';
import { parseChoice, parseCount, parseDurationOption, parseId } from './parse-values.ts';

test('values are parsed, and invalid ones are refused', () => {
  expect(parseCount('7', { name: '--limit', max: 10 })).toBe(7);
  expect(parseCount(undefined, { name: '--limit', max: 10, byDefault: 3 })).toBe(3);
  expect(parseDurationOption('90s', { name: '--older-than', byDefault: null })).toBe(90_000);
  expect(parseChoice('b', { name: '--status', words: ['a', 'b'] })).toBe('b');
  expect(parseId('0B3F8C1E-0000-4000-8000-000000000001', 'job')).toBe('0b3f8c1e-0000-4000-8000-000000000001');
  for (const parse of [
    () => parseCount('11', { name: '--limit', max: 10 }),
    () => parseCount('1e1', { name: '--limit', max: 10 }),
    () => parseCount('-1', { name: '--limit', max: 10 }),
    () => parseCount(undefined, { name: '--limit', max: 10 }),
    () => parseDurationOption('soon', { name: '--older-than', byDefault: 0 }),
    () => parseChoice('c', { name: '--status', words: ['a', 'b'] }),
    () => parseId('x', 'job'),
  ]) {
    expect(parse).toThrow(UsageError);
  }
});
