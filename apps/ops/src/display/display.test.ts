import { expect, test } from 'vitest';
import { facts, table } from './table.ts';
import { ago, spellDuration, timestamp } from './times.ts';

test('a table aligns its columns, keeps each row on one line and marks empty cells', () => {
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
])('%i ms is formatted as %s', (ms, text) => {
  expect(spellDuration(ms)).toBe(text);
});

test('timestamps are shown in UTC to the second, and as an age', () => {
  expect(timestamp('2026-11-22T21:26:13.5+01:00')).toBe('2026-11-22 20:26:13');
  expect(ago('2026-11-22T20:00:00Z', Date.parse('2026-11-22T20:05:00Z'))).toBe('5m');
  expect([timestamp(null), ago(null, 0)]).toEqual(['-', '-']);
});
