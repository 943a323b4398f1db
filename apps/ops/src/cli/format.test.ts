import { expect, test } from 'vitest';
import { UsageError } from './command.ts';
import { readCount, readDuration, readId, readOneOf } from './read-values.ts';
import { facts, table } from './table.ts';
import { ago, clock, spell } from './times.ts';

test('a table is as wide as its cells, keeps each row on one line, and marks what is empty', () => {
  expect(
    table(
      ['id', 'note'],
      [
        ['a', 'two\nlines'],
        ['longer', null],
      ],
    ),
  ).toBe('id      note\na       two lines\nlonger  -\n');
  expect(
    facts([
      ['a', 0],
      ['name', ''],
    ]),
  ).toBe('a     0\nname  -\n');
});

test.each([
  [0, '0s'],
  [999, '1s'],
  [59_000, '59s'],
  [200_000, '3m 20s'],
  [3_600_000, '1h'],
  [7_500_000, '2h 5m'],
  [273_600_000, '3d 4h'],
])('%i ms are %s', (ms, text) => {
  expect(spell(ms)).toBe(text);
});

test('moments are told in UTC to the second, and how long ago they were', () => {
  expect(clock('2026-11-22T21:26:13.5+01:00')).toBe('2026-11-22 20:26:13');
  expect(ago('2026-11-22T20:00:00Z', Date.parse('2026-11-22T20:05:00Z'))).toBe('5m');
  expect([clock(null), ago(null, 0)]).toEqual(['-', '-']);
});

test('values are read as what they are to be, or refused by their name', () => {
  expect(readCount('7', { name: '--limit', max: 10 })).toBe(7);
  expect(readCount(undefined, { name: '--limit', max: 10, byDefault: 3 })).toBe(3);
  expect(readDuration('90s', { name: '--older-than', byDefault: null })).toBe(90_000);
  expect(readOneOf('b', { name: '--status', words: ['a', 'b'] })).toBe('b');
  expect(readId('0B3F8C1E-0000-4000-8000-000000000001', 'job')).toBe('0b3f8c1e-0000-4000-8000-000000000001');
  for (const read of [
    () => readCount('11', { name: '--limit', max: 10 }),
    () => readCount('1e1', { name: '--limit', max: 10 }),
    () => readCount('-1', { name: '--limit', max: 10 }),
    () => readCount(undefined, { name: '--limit', max: 10 }),
    () => readDuration('soon', { name: '--older-than', byDefault: 0 }),
    () => readOneOf('c', { name: '--status', words: ['a', 'b'] }),
    () => readId('x', 'job'),
  ]) {
    expect(read).toThrow(UsageError);
  }
});
