import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, it } from 'vitest';
import { Bucket, openTestStore } from './test-store.fixture.ts';

const store = await openTestStore();
const { storage, s3, newKey, putText } = store;

afterAll(() => store.close());

describe('the public address', () => {
  it('serves objects publicly with type, ETag and CORS, without their metadata', async () => {
    const Key = newKey();
    await s3.send(
      new PutObjectCommand({
        Bucket,
        Key,
        Body: 'hello',
        ContentType: 'image/webp',
        Metadata: { secret: '1' },
      }),
    );
    const answer = await fetch(`${storage.publicUrl}/${Key}`, { headers: { origin: 'https://app.example' } });
    expect([answer.status, await answer.text()]).toEqual([200, 'hello']);
    expect(answer.headers.get('content-type')).toBe('image/webp');
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example');
    expect(answer.headers.has('x-amz-meta-secret')).toBe(false);
    const again = await fetch(`${storage.publicUrl}/${Key}`, {
      headers: { 'if-none-match': answer.headers.get('etag')! },
    });
    expect(again.status).toBe(304);
    const head = await fetch(`${storage.publicUrl}/${Key}`, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe('5');
  });

  it('serves nothing else', async () => {
    const Key = await putText('here');
    expect((await fetch(`${storage.publicUrl}/`)).status).toBe(404);
    expect((await fetch(`${storage.publicUrl}/?list-type=2`)).status).toBe(404);
    expect((await fetch(`${storage.publicUrl}/missing`)).status).toBe(404);
    expect((await fetch(`${storage.publicUrl}/${Bucket}/${Key}`)).status).toBe(404);
    for (const method of ['PUT', 'POST', 'DELETE']) {
      expect((await fetch(`${storage.publicUrl}/${Key}`, { method })).status).toBe(405);
    }
    const foreign = await fetch(`${storage.publicUrl}/${Key}`, {
      headers: { origin: 'https://evil.example' },
    });
    expect(foreign.headers.has('access-control-allow-origin')).toBe(false);
  });

  it('lets listed origins upload to the endpoint', async () => {
    const ask = (origin: string) =>
      fetch(`${storage.endpoint}/${Bucket}/a`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'PUT',
          'access-control-request-headers': 'content-type',
        },
      });
    const allowed = await ask('https://app.example');
    expect([allowed.status, allowed.headers.get('access-control-allow-headers')]).toEqual([
      200,
      'content-type',
    ]);
    expect((await ask('https://evil.example')).status).toBe(403);
  });
});
