import { expect, test } from 'vitest';
import { createExpiringMap } from './expiring-map.ts';

test('a value is kept until it expires', () => {
  let time = 0;
  const map = createExpiringMap<string>({ maxSize: 10, now: () => time });
  map.set('a', 'first', 100);
  map.set('b', 'forever', Number.POSITIVE_INFINITY);
  time = 99;
  expect(map.get('a')).toBe('first');
  time = 100;
  expect(map.get('a')).toBeUndefined();
  expect(map.get('b')).toBe('forever');
});

test('beyond its size the map drops the entry that was set the longest ago', () => {
  const map = createExpiringMap<number>({ maxSize: 2, now: () => 0 });
  map.set('a', 1, 100);
  map.set('b', 2, 100);
  map.set('a', 3, 100);
  map.set('c', 4, 100);
  expect(map.get('a')).toBe(3);
  expect(map.get('b')).toBeUndefined();
  expect(map.get('c')).toBe(4);
});
