import { expect, test } from 'vitest';
import { ownsKey, resultKeys, uploadKey } from './keys.ts';

test('each attempt has its own result keys', () => {
  const of = { userId: 'user_2abC', jobId: 'job', attempt: 2, random: 'r4nd-_', mimeType: 'image/jpeg' };
  expect(resultKeys(of)).toEqual({
    key: 'users/user_2abC/jobs/job/2-r4nd-_.jpg',
    thumbnailKey: 'users/user_2abC/jobs/job/2-r4nd-_-thumb.webp',
  });
  expect(uploadKey({ userId: 'user_2abC', random: 'r', ext: 'png' })).toBe('users/user_2abC/uploads/r.png');
});

test('no two users share a folder, and no id escapes its folder', () => {
  const ids = ['a/b', 'a~2fb', 'a.b', '..', '.', 'a b', 'a%2fb', 'ü', 'u\u0308', 'A', 'a', '~', '\\', '😀'];
  const keys = ids.map((userId) => uploadKey({ userId, random: 'r', ext: 'png' }));
  expect(new Set(keys).size).toBe(ids.length);
  for (const key of keys) expect(key).toMatch(/^users\/[A-Za-z0-9_~-]+\/uploads\/r\.png$/);
  for (const [i, userId] of ids.entries()) {
    expect(keys.filter((key) => ownsKey(userId, key))).toEqual([keys[i]]);
  }
});

test('a key without a user id is an error', () => {
  expect(() => uploadKey({ userId: '', random: 'r', ext: 'png' })).toThrow('the id of a user');
});

test.each([
  'users/bob/uploads/x.png',
  'users/alice',
  'users/alice/',
  'users/alicia/x.png',
  'users/alice//x.png',
  'users/alice/../bob/x.png',
  'users/alice/./x.png',
  'users/alice/x\\..\\y',
  'users/alice/x\n.png',
  '/users/alice/x.png',
  'https://cdn.test/users/alice/x.png',
  `users/alice/${'x'.repeat(1_024)}`,
  '',
])('alice does not own %j', (key) => {
  expect(ownsKey('alice', key)).toBe(false);
});
