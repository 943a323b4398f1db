import { DatabaseUnavailable, DomainError } from '@darkroom/db/errors';
import { expect, test, vi } from 'vitest';
import { createTestApi } from '../testing/test-api.ts';
import { createDeletedUsers } from './deleted-users.ts';

function setUp() {
  let time = 0;
  const db = { isUserDeleted: vi.fn(async (_: { userId: string }) => false) };
  const users = createDeletedUsers({ db, now: () => time });
  const pass = (ms: number) => {
    time += ms;
  };
  return { db, users, pass };
}

test('an account is queried at most once in ten seconds, a deleted one never again', async () => {
  const { db, users, pass } = setUp();
  for (let time = 0; time < 5; time += 1) expect(await users.has('ada')).toBe(false);
  expect(db.isUserDeleted).toHaveBeenCalledTimes(1);
  pass(10_000);
  db.isUserDeleted.mockResolvedValue(true);
  expect(await users.has('ada')).toBe(true);
  pass(1_000_000);
  expect(await users.has('ada')).toBe(true);
  expect(db.isUserDeleted).toHaveBeenCalledTimes(2);
});

test('a deletion received by this process takes effect at once', async () => {
  const { db, users } = setUp();
  await users.has('ada');
  users.add('ada');
  expect(await users.has('ada')).toBe(true);
  expect(await users.has('boris')).toBe(false);
  expect(db.isUserDeleted).toHaveBeenCalledTimes(2);
});

test('no account counts as deleted while the database is unreachable', async () => {
  const { db, users } = setUp();
  db.isUserDeleted.mockRejectedValueOnce(new DatabaseUnavailable('unreachable'));
  expect(await users.has('ada')).toBe(false);
  await users.has('ada');
  expect(db.isUserDeleted).toHaveBeenCalledTimes(2);
});

test('every request of a deleted account gets a 401', async () => {
  const { get } = await createTestApi({ deletedUsers: { has: async () => true, add: () => {} } });
  for (const path of ['/v1/me', '/v1/jobs', '/v1/images', '/v1/prompts']) {
    const response = await get(path);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({
      code: 'unauthenticated',
      detail: 'This account was deleted.',
    });
  }
});

test('every job request of a deleted account is rejected, and nothing is stored', async () => {
  const { post, db, objects } = await createTestApi({
    deletedUsers: { has: async () => true, add: () => {} },
  });
  db.createJob = async () => {
    throw new DomainError('user_deleted', 'this account was deleted');
  };
  const requests = [
    [{ prompt: 'a fox' }],
    [{ prompt: 'a fox' }, '?dry_run=true'],
    [{ prompt: 'a fox', model: 'unknown' }],
    [{ prompt: 'a fox', input_image_key: 'users/user_alice/uploads/a.png' }],
    [{ prompt: 'a fox', reference_image_base64: 'YWJj' }],
  ] as const;
  for (const [body, query] of requests) {
    const response = await post(body, { 'Idempotency-Key': 'k1' }, query);
    expect(response.status, JSON.stringify(body)).toBe(401);
    expect(await response.json()).toMatchObject({ detail: 'This account was deleted.' });
  }
  expect([objects.size, db.calls]).toEqual([0, []]);
});

test('creating a job needs no extra query for a deleted account', async () => {
  const has = vi.fn(async () => false);
  const { post, db } = await createTestApi({ deletedUsers: { has, add: () => {} } });
  expect((await post({ prompt: 'a fox' }, { 'Idempotency-Key': 'k1' })).status).toBe(202);
  expect((await post({ prompt: 'a fox' }, { 'Idempotency-Key': 'k1' })).status).toBe(200);
  expect(has).not.toHaveBeenCalled();
  expect(db.calls.filter((call) => call === 'createJob')).toHaveLength(2);
});
