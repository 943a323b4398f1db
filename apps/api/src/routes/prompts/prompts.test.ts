import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createTestApi } from '../../testing/test-api.ts';

const none = { thumbnail_url: null, secondary_image_url: null };

async function setUp() {
  const api = await createTestApi();
  const create = async (body: object) => {
    const response = await api.send('POST', '/v1/prompts', body);
    return { status: response.status, headers: response.headers, body: (await response.json()) as any };
  };
  const change = async (id: string, body: object) => {
    const response = await api.send('PATCH', `/v1/prompts/${id}`, body);
    return { status: response.status, body: (await response.json()) as any };
  };
  return { ...api, create, change };
}

test('a prompt can be saved, read, changed by field, and deleted', async () => {
  const { create, change, get, send } = await setUp();
  const made = await create({ prompt_text: 'a cat', title: 'Cat' });
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({ prompt_text: 'a cat', title: 'Cat', ...none });
  const { id } = made.body;
  expect(made.headers.get('Location')).toBe(`/v1/prompts/${id}`);
  expect(await (await get(`/v1/prompts/${id}`)).json()).toEqual(made.body);

  expect((await change(id, { title: null })).body).toEqual({ ...made.body, title: null });
  expect((await change(id, { prompt_text: 'a dog' })).body).toMatchObject({
    prompt_text: 'a dog',
    title: null,
  });
  expect((await change(id, {})).status).toBe(200);

  expect((await send('DELETE', `/v1/prompts/${id}`)).status).toBe(204);
  expect((await send('DELETE', `/v1/prompts/${id}`)).status).toBe(404);
  expect(await (await get(`/v1/prompts/${id}`)).json()).toMatchObject({
    code: 'not_found',
    detail: 'There is no such prompt.',
  });
});

test('the thumbnail can be a URL, an upload of the user, or a gallery image', async () => {
  const { create, change, objects, db } = await setUp();
  const key = 'users/user_alice/uploads/a.png';
  objects.set(key, Buffer.from('x'));
  const imageId = randomUUID();
  const image = { user_id: 'user_alice', key: 'users/user_alice/jobs/j/1-a-thumb.webp' };
  db.images.set(imageId, image as never);

  const { body } = await create({ prompt_text: 'a', thumbnail_key: key, secondary_image_key: key });
  expect(body).toMatchObject({
    thumbnail_url: `https://cdn.test/${key}`,
    secondary_image_url: `https://cdn.test/${key}`,
  });
  expect((await change(body.id, { image_id: imageId })).body.thumbnail_url).toBe(
    `https://cdn.test/${image.key}`,
  );
  const url = 'https://images.test/a.png';
  expect((await change(body.id, { thumbnail_url: url })).body.thumbnail_url).toBe(url);
  const cleared = await change(body.id, { thumbnail_key: null, secondary_image_url: null });
  expect(cleared.body).toMatchObject(none);
});

test('an image of the native app is used by its URL', async () => {
  const { create, db } = await setUp();
  const imageId = randomUUID();
  const image = {
    user_id: 'user_alice',
    key: null,
    thumbnail_url: null,
    image_url: 'https://native.test/1.png',
  };
  db.images.set(imageId, image as never);
  const { body } = await create({ prompt_text: 'a', image_id: imageId });
  expect(body.thumbnail_url).toBe('https://native.test/1.png');
});

test.each<[string, object, string[]]>([
  ['no text', {}, ['prompt_text']],
  ['blank text', { prompt_text: ' \n' }, ['prompt_text']],
  ['long text', { prompt_text: 'x'.repeat(4_001) }, ['prompt_text']],
  ['text with U+0000', { prompt_text: 'a\0' }, ['prompt_text']],
  ['a long title', { prompt_text: 'a', title: 'x'.repeat(201) }, ['title']],
  [
    'a URL with another scheme',
    { prompt_text: 'a', thumbnail_url: 'javascript:alert(1)' },
    ['thumbnail_url'],
  ],
  [
    'two thumbnails',
    { prompt_text: 'a', thumbnail_url: 'https://a.test/', thumbnail_key: 'k' },
    ['thumbnail_key'],
  ],
  [
    'a key of another user',
    { prompt_text: 'a', thumbnail_key: 'users/bob/uploads/a.png' },
    ['thumbnail_key'],
  ],
  [
    'a key without an object',
    { prompt_text: 'a', secondary_image_key: 'users/user_alice/uploads/b.png' },
    ['secondary_image_key'],
  ],
  ['an unknown gallery image', { prompt_text: 'a', image_id: randomUUID() }, ['image_id']],
  ['an unknown field', { prompt_text: 'a', user_id: 'bob' }, ['user_id']],
])('%s is rejected', async (_, body, wrong) => {
  const { create, db } = await setUp();
  const response = await create(body);
  expect(response.status).toBe(422);
  expect(response.body.errors.map(({ path }: { path: string }) => path)).toEqual(wrong);
  expect(db.prompts.size).toBe(0);
});

test('an object of another content type is rejected as an image', async () => {
  const { create, objects, types } = await setUp();
  const key = 'users/user_alice/uploads/a.svg';
  objects.set(key, Buffer.from('<svg/>'));
  types.set(key, 'image/svg+xml');
  expect((await create({ prompt_text: 'a', thumbnail_key: key })).status).toBe(422);
});

test('an invalid id is not found', async () => {
  const { get, change } = await setUp();
  expect((await get('/v1/prompts/x')).status).toBe(404);
  expect((await change('x', {})).status).toBe(404);
});
