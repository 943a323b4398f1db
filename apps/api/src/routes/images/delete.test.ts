import { randomUUID } from 'node:crypto';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import { expect, test } from 'vitest';
import { createTestApi } from '../../testing/test-api.ts';

async function setUp() {
  const api = await createTestApi();
  const id = randomUUID();
  const key = 'users/user_alice/jobs/j/1-a.png';
  api.objects.set(key, Buffer.from('x'));
  const image = { user_id: 'user_alice', key, image_url: 'https://cdn.test/users/bob/uploads/b.png' };
  api.db.images.set(id, image as never);
  return { ...api, id, key, remove: () => api.send('DELETE', `/v1/images/${id}`) };
}

test('an image is deleted with its objects, and the removal is confirmed', async () => {
  const { remove, objects, db, key } = await setUp();
  objects.set('users/bob/uploads/b.png', Buffer.from('x'));
  const response = await remove();
  expect(response.status).toBe(204);
  expect(await response.text()).toBe('');
  expect([...objects.keys()]).toEqual(['users/bob/uploads/b.png']);
  expect(db.confirmed).toEqual([key]);
  expect((await remove()).status).toBe(404);
});

test('an image of another user is not found', async () => {
  const { remove, objects, db, id } = await setUp();
  db.images.get(id)!.user_id = 'user_bob';
  const response = await remove();
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ code: 'not_found', detail: 'There is no such image.' });
  expect(objects.size).toBe(1);
});

test('with storage unreachable the image is deleted, and a worker removes the objects', async () => {
  const { remove, broken, db } = await setUp();
  broken.storage = true;
  expect((await remove()).status).toBe(204);
  expect(db.confirmed).toEqual([]);
});

test('an unconfirmed removal does not fail the request', async () => {
  const { remove, db } = await setUp();
  db.fail('confirmRemoved', new DatabaseUnavailable('unreachable'));
  expect((await remove()).status).toBe(204);
});
