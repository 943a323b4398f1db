import { expect, test } from 'vitest';
import { preferredWait } from './prefer.ts';

test.each([
  [undefined, null],
  ['', null],
  ['respond-async', null],
  ['wait=10', 10],
  ['Wait=10', 10],
  ['wait="10"', 10],
  ['respond-async, wait = 5', 5],
  ['wait=5; x=y', 5],
  ['wait=5, wait=9', 5],
  ['wait', 60],
  ['wait=61', 60],
  ['wait=999999999', 60],
  ['wait=0', null],
  ['wait=-1', null],
  ['wait=1.5', null],
  ['wait=soon', null],
  ['waiting=5', null],
])('Prefer: %s waits %s seconds', (header, seconds) => {
  expect(preferredWait(header)).toBe(seconds);
});
