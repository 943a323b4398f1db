import { createHash } from 'node:crypto';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Bucket, KEYS, openTestStore } from './test-store.fixture.ts';

const store = await openTestStore();
const { storage, clock, s3, client, newKey, putText } = store;

afterEach(() => {
  clock.aheadMs = 0;
});

afterAll(() => store.close());

describe('what R2 refuses', () => {
  it('overwriting with If-None-Match: one of many writers succeeds', async () => {
    const Key = newKey();
    const put = (Body: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body, IfNoneMatch: '*' }));
    const results = await Promise.allSettled(['1', '2', '3', '4', '5'].map(put));
    expect(results.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    for (const one of results) {
      if (one.status === 'rejected') {
        expect(one.reason).toMatchObject({ name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } });
      }
    }
  });

  it('a body that does not match its checksum', async () => {
    const Key = newKey();
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'a', ChecksumSHA256: sha256('a') }));
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'a', ChecksumAlgorithm: 'CRC32' }));
    for (const sums of [
      { ChecksumSHA256: sha256('b') },
      { ChecksumCRC32: 'AAAAAA==' },
      { ContentMD5: md5('b') },
    ]) {
      const put = s3.send(new PutObjectCommand({ Bucket, Key, Body: 'a', ...sums }));
      await expect(put).rejects.toMatchObject({ name: 'BadDigest' });
    }
  });

  it.each([
    ['another key id', { accessKeyId: 'other', secretAccessKey: KEYS.secretAccessKey }, 'InvalidAccessKeyId'],
    ['another secret', { accessKeyId: KEYS.accessKeyId, secretAccessKey: 'wrong' }, 'SignatureDoesNotMatch'],
  ])('%s', async (_, credentials, name) => {
    const stranger = client(credentials);
    await expect(stranger.send(new ListObjectsV2Command({ Bucket }))).rejects.toMatchObject({ name });
    await expect(stranger.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'b' }))).rejects.toMatchObject({
      name,
    });
  });

  it('requests without a signature, or with one that is 15 minutes old', async () => {
    const Key = await putText('private');
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
      expect((await fetch(`${storage.endpoint}/${Bucket}/${Key}`, { method })).status).toBe(403);
    }
    expect(await (await fetch(`${storage.endpoint}/${Bucket}?list-type=2`)).text()).toContain(
      '<Code>AccessDenied</Code>',
    );
    clock.aheadMs = 16 * 60_000;
    const skewed = client(KEYS, { maxAttempts: 1 }).send(new GetObjectCommand({ Bucket, Key }));
    await expect(skewed).rejects.toMatchObject({ name: 'RequestTimeTooSkewed' });
  });

  it('keys that lead out of the bucket, at both addresses', async () => {
    for (const path of ['..%2f..%2fetc%2fpasswd', 'a%2f..%2f..%2fb', '%2e%2e/x', 'a._S3rver_object']) {
      expect((await fetch(`${storage.publicUrl}/${path}`)).status).toBe(404);
    }
    await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'a/../../b' }))).rejects.toMatchObject({
      name: 'InvalidURI',
    });
  });

  it('unknown features', async () => {
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: 'a', VersionId: '1' }));
    expect((await fetch(url)).status).toBe(501);
  });
});

describe('presigned URLs', () => {
  it('accept exactly the signed type and size', async () => {
    const Key = newKey();
    const command = new PutObjectCommand({ Bucket, Key, ContentType: 'image/png', ContentLength: 4 });
    const url = await getSignedUrl(s3, command, {
      expiresIn: 60,
      signableHeaders: new Set(['content-type']),
    });
    const put = (body: string, type: string) =>
      fetch(url, { method: 'PUT', body, headers: { 'content-type': type } });
    expect((await put('12345', 'image/png')).status).toBe(403);
    expect((await put('1234', 'image/jpeg')).status).toBe(403);
    expect((await put('1234', 'image/png')).status).toBe(200);
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key }))).toMatchObject({
      ContentType: 'image/png',
      ContentLength: 4,
    });
  });

  it('carry metadata and conditions', async () => {
    const Key = newKey();
    const command = new PutObjectCommand({ Bucket, Key, Metadata: { owner: 'alice' }, IfNoneMatch: '*' });
    const url = await getSignedUrl(s3, command);
    const put = () => fetch(url, { method: 'PUT', body: 'x', headers: { 'if-none-match': '*' } });
    expect((await put()).status).toBe(200);
    expect((await put()).status).toBe(412);
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key }))).Metadata).toEqual({ owner: 'alice' });
  });

  it('read a private object until they expire, for their key only', async () => {
    const Key = await putText('mine');
    const command = new GetObjectCommand({
      Bucket,
      Key,
      ResponseContentDisposition: 'attachment; filename="a b.png"',
    });
    const url = await getSignedUrl(s3, command, { expiresIn: 60 });
    const answer = await fetch(url);
    expect([await answer.text(), answer.headers.get('content-disposition')]).toEqual([
      'mine',
      'attachment; filename="a b.png"',
    ]);
    expect((await fetch(url.replace(Key, 'other'))).status).toBe(403);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
    clock.aheadMs = 61_000;
    const late = await fetch(url);
    expect([late.status, await late.text()]).toEqual([403, expect.stringContaining('Request has expired')]);
  });
});

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('base64');
}
