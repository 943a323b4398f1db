import { expect, it } from 'vitest';
import { readSnapshot } from './snapshot.ts';

it.each([
  ['what ended before all that run', '10:20:12,15', 9, true],
  ['the oldest that runs', '10:20:10,15', 10, false],
  ['one that ended between those that run', '10:20:12,15', 13, true],
  ['one that runs', '10:20:12,15', 15, false],
  ['the newest that ended', '10:20:12,15', 19, true],
  ['one that began later', '10:20:12,15', 20, false],
  ['all that ended when none runs', '20:20:', 19, true],
  ['the next when none runs', '20:20:', 20, false],
  ['one of an earlier round of the counter', '4294967298:4294967300:', 4294967295, true],
  ['one that runs in a later round', '4294967296:4294967300:4294967297', 1, false],
  ['one that ended in a later round', '4294967296:4294967300:4294967297', 2, true],
  ['an old one, written with a sign', '4294967290:4294967296:4294967294', -2, false],
  ['another, written with a sign', '4294967290:4294967296:4294967294', -3, true],
])('sees %s: %s, %i: %s', (_, text, xid, expected) => {
  expect(readSnapshot(text).sees(xid)).toBe(expected);
});
