import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';

test.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['1.5s', 1_500],
  ['10m', 600_000],
  ['1h', 3_600_000],
  ['0s', 0],
  ['10', null],
  ['-1s', null],
  ['10 minutes', null],
  ['', null],
])('%s is %s milliseconds', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['500ms', '90s', '10m', '1h', '0ms'])('%s is written as it was read', (text) => {
  expect(formatDuration(parseDuration(text) ?? -1)).toBe(text);
});
