import { expect, test } from 'vitest';
import { createUploadSigner } from './sign-upload.ts';

const connection = {
  endpoint: 'https://account.r2.cloudflarestorage.com',
  accessKeyId: 'id',
  secretAccessKey: 'secret',
  bucket: 'images',
};
const upload = { key: 'users/u/uploads/a b.png', contentType: 'image/png', contentLength: 123 };

test('an upload is signed with its type and length, and without a checksum of an empty body', async () => {
  const now = Date.parse('2026-11-22T20:00:00Z');
  const signer = createUploadSigner(connection, { now: () => now, expiresInMs: 60_000 });
  const signed = await signer.sign(upload);
  signer.close();
  const url = new URL(signed.url);
  expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;content-type;host');
  expect(url.searchParams.get('X-Amz-Expires')).toBe('60');
  expect([...url.searchParams.keys()].join()).not.toMatch(/checksum/i);
  expect(signed).toMatchObject({
    method: 'PUT',
    headers: { 'content-type': 'image/png' },
    expires_at: '2026-11-22T20:01:00.000Z',
  });
});

test.each([
  ['https://account.r2.cloudflarestorage.com', 'https://images.account.r2.cloudflarestorage.com/users/'],
  [
    'https://account.r2.cloudflarestorage.com/images/',
    'https://images.account.r2.cloudflarestorage.com/users/',
  ],
  ['http://127.0.0.1:9000', 'http://127.0.0.1:9000/images/users/'],
  ['http://[::1]:9000', 'http://[::1]:9000/images/users/'],
  ['http://localhost:9000', 'http://localhost:9000/images/users/'],
  ['http://s3:9000', 'http://s3:9000/images/users/'],
])('the endpoint %s gives upload URLs below %s', async (endpoint, start) => {
  const signer = createUploadSigner({ ...connection, endpoint });
  expect((await signer.sign(upload)).url.startsWith(start)).toBe(true);
  signer.close();
});
