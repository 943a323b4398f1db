import { expect, test } from 'vitest';
import { createTestApi } from '../../testing/test-api.ts';

test('an upload URL is signed for one image under a new key of the user', async () => {
  const { send } = await createTestApi();
  const keys = new Set<string>();
  for (const [type, ext] of [
    ['image/png', 'png'],
    ['image/jpeg', 'jpg'],
    ['image/webp', 'webp'],
  ]) {
    const response = await send('POST', '/v1/uploads', { content_type: type, content_length: 20_000_000 });
    expect(response.status).toBe(201);
    const upload = (await response.json()) as Record<string, any>;
    expect(upload).toEqual({
      key: expect.stringMatching(new RegExp(`^users/user_alice/uploads/[0-9a-f-]{36}\\.${ext}$`)),
      url: expect.stringContaining(`/${upload.key}?`),
      method: 'PUT',
      headers: { 'content-type': type },
      expires_at: expect.stringMatching(/Z$/),
    });
    expect(new URL(upload.url).searchParams.get('X-Amz-SignedHeaders')).toBe(
      'content-length;content-type;host',
    );
    keys.add(upload.key);
  }
  expect(keys.size).toBe(3);
});

test.each([
  [{ content_type: 'image/svg+xml', content_length: 5 }, ['content_type']],
  [{ content_type: 'application/zip', content_length: 5 }, ['content_type']],
  [{ content_type: 'image/png', content_length: 20_000_001 }, ['content_length']],
  [{ content_type: 'image/png', content_length: 0 }, ['content_length']],
  [{ content_type: 'image/png', content_length: 1.5 }, ['content_length']],
  [{ content_type: 'image/png', content_length: '5' }, ['content_length']],
  [{ content_type: 'image/png', content_length: 5, key: 'users/bob/x.png' }, ['key']],
  [{}, ['content_type', 'content_length']],
])('%j is rejected, and every invalid field is named', async (body, wrong) => {
  const { send } = await createTestApi();
  const response = await send('POST', '/v1/uploads', body);
  expect(response.status).toBe(422);
  const { code, errors } = (await response.json()) as { code: string; errors: { path: string }[] };
  expect(code).toBe('invalid_request');
  expect(errors.map(({ path }) => path)).toEqual(wrong);
});

test('a user has at most 100 unexpired upload URLs, and the 429 has Retry-After', async () => {
  const { send } = await createTestApi();
  const ask = () => send('POST', '/v1/uploads', { content_type: 'image/png', content_length: 5 });
  for (let n = 0; n < 100; n += 1) expect((await ask()).status).toBe(201);
  const refused = await ask();
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({ code: 'too_many_uploads', limit: 100 });
  expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(590);
});

test('an upload needs a token', async () => {
  const { app } = await createTestApi();
  const response = await app.request('/v1/uploads', { method: 'POST', body: '{}' });
  expect(response.status).toBe(401);
});
