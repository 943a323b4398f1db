import { expect, test } from 'vitest';
import { createOpenUploads } from './open-uploads.ts';

test('a user has at most the maximum, and one more as soon as the first expires; other users are not affected', () => {
  let time = 0;
  const uploads = createOpenUploads({ max: 2, lifetimeMs: 600, now: () => time });
  expect(uploads.add('ada')).toBe(0);
  time = 100;
  expect(uploads.add('ada')).toBe(0);
  time = 250;
  expect(uploads.add('ada')).toBe(350);
  expect(uploads.add('boris')).toBe(0);
  time = 600;
  expect(uploads.add('ada')).toBe(0);
  expect(uploads.add('ada')).toBe(100);
  time = 5_000;
  expect([uploads.add('ada'), uploads.add('ada'), uploads.add('ada')]).toEqual([0, 0, 600]);
});
