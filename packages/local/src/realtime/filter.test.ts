import { expect, test } from 'vitest';
import { matches } from './condition.ts';
import { parseFilter } from './parse-filter.ts';

test('conditions are split at the commas outside quotes and parentheses', () => {
  expect(parseFilter('a=eq.1,b=not.in.(x,"y,\\"z"),c=like.%25,d=eq."p,q"')).toEqual([
    { column: 'a', operator: 'eq', negated: false, values: ['1'] },
    { column: 'b', operator: 'in', negated: true, values: ['x', 'y,"z'] },
    { column: 'c', operator: 'like', negated: false, values: ['%25'] },
    { column: 'd', operator: 'eq', negated: false, values: ['p,q'] },
  ]);
});

test.each(['', 'a', 'a=1', 'a=between.1', 'a=in.1', 'a=eq.1,'])('%j is refused', (filter) => {
  expect(() => parseFilter(filter)).toThrow('Error parsing `filter` params');
});

const row = {
  n: 5,
  text: 'a_cat.',
  none: null,
  yes: true,
  at: '2026-11-22T10:00:00.5+00:00',
  data: { a: 1 },
};

test.each([
  ['n=eq.5', [5], true],
  ['n=neq.5', [5], false],
  ['n=lt.10', [10], true],
  ['n=gte.5', [5], true],
  ['n=gt.5', [5], false],
  ['n=lte.4', [4], false],
  ['n=in.(1,5)', [1, 5], true],
  ['n=not.in.(1,5)', [1, 5], false],
  ['text=like.a\\_%', ['a\\_%'], true],
  ['text=like.a.cat.', ['a.cat.'], false],
  ['text=like.A%', ['A%'], false],
  ['text=ilike.A%', ['A%'], true],
  ['text=like.%.', ['%.'], true],
  ['none=eq.1', [1], false],
  ['none=neq.1', [1], false],
  ['none=not.eq.1', [1], false],
  ['none=is.null', [null], true],
  ['n=not.is.null', [null], true],
  ['yes=is.true', [true], true],
  ['none=isdistinct.1', [1], true],
  ['at=gt.2026-11-22T10:00:00+00:00', ['2026-11-22T10:00:00+00:00'], true],
  ['data=eq.{"a":1}', [{ a: 1 }], true],
  ['gone=neq.1', [1], false],
] as const)('%s', (filter, values, expected) => {
  const conditions = parseFilter(filter).map((condition) => ({ ...condition, values: [...values] }));
  expect(matches(row, conditions)).toBe(expected);
});
