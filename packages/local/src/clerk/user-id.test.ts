import { expect, it } from 'vitest';
import { emailOf, userId } from './user-id.ts';

it('the id contains a plain name', () => {
  expect(userId('alice')).toBe('user_local_alice');
});

it('similar names are different users', () => {
  const names = [
    'alice',
    'Alice',
    'alice ',
    'a lice',
    'a-lice',
    'a_lice',
    'älice',
    '🦊',
    '🐱',
    '',
    'a'.repeat(100),
    'a'.repeat(101),
  ];
  expect(new Set(names.map(userId)).size).toBe(names.length);
});

it('an id holds only safe characters', () => {
  for (const name of ['../../etc', 'a b', "o'neil", '🦊', 'x'.repeat(5000)]) {
    expect(userId(name)).toMatch(/^user_local_[a-z0-9-]{0,40}(_[0-9a-f]{8})?$/);
  }
});

it('every id has its own address, an unknown id has none', () => {
  expect(emailOf(userId('alice'))).toBe('alice@example.com');
  expect(emailOf(userId('Alice'))).not.toBe(emailOf(userId('alice')));
  expect(emailOf(userId('🦊'))).toMatch(/@example\.com$/);
  expect(emailOf('user_2abc')).toBeNull();
  expect(emailOf('user_local_')).toBeNull();
});
