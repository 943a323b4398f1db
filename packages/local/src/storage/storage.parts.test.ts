import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type LocalStorage, startStorage } from './start.ts';

const KEYS = { accessKeyId: 'local-key', secretAccessKey: 'local-secret' };
const Bucket = 'pictures';
const clients: S3Client[] = [];
let directory: string;
let storage: LocalStorage;
let s3: S3Client;
let clockMs = 0;
let count = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'storage-'));
  const now = () => new Date(Date.now() + clockMs);
  storage = await startStorage({
    directory,
    bucket: Bucket,
    ...KEYS,
    corsOrigins: ['https://app.example'],
    now,
  });
  s3 = client();
});

afterEach(() => {
  storage.faults.clear();
  clockMs = 0;
});

afterAll(async () => {
  for (const one of clients) one.destroy();
  await storage.stop();
  await storage.stop();
  await rm(directory, { recursive: true, force: true });
});

describe('an unmodified S3 client', () => {
  it('puts, heads, gets and deletes an object with its type and metadata', async () => {
    const Key = newKey();
    const Body = Buffer.from('bytes of a picture');
    const stored = {
      Bucket,
      Key,
      Body,
      ContentType: 'image/png',
      CacheControl: 'max-age=60',
      Metadata: { sha256: 'ab' },
    };
    const { ETag } = await s3.send(new PutObjectCommand(stored));
    expect(ETag).toBe(`"${createHash('md5').update(Body).digest('hex')}"`);

    const head = await s3.send(new HeadObjectCommand({ Bucket, Key }));
    expect(head).toMatchObject({
      ContentType: 'image/png',
      ContentLength: Body.length,
      Metadata: { sha256: 'ab' },
      ETag,
    });
    const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(Buffer.from(await got.Body!.transformToByteArray())).toEqual(Body);
    expect(got).toMatchObject({ CacheControl: 'max-age=60', Metadata: { sha256: 'ab' } });

    await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key }))).rejects.toMatchObject({ name: 'NotFound' });
    await expect(s3.send(new GetObjectCommand({ Bucket, Key }))).rejects.toMatchObject({ name: 'NoSuchKey' });
    await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  });

  it.each([
    'a b+c&d=e.png',
    'ünïcode/🦊.png',
    "it's (a) 100% *key*!.png",
    'a/b/c/d/e',
    '~tilde_under-dash.x',
  ])('keeps the key %s as it is', async (name) => {
    const Key = `${newKey()}/${name}`;
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: name }));
    const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(await got.Body!.transformToString()).toBe(name);
    const listed = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: Key }));
    expect(listed.Contents?.map((object) => object.Key)).toEqual([Key]);
  });

  it('reads a range', async () => {
    const Key = await putText('0123456789');
    const part = await s3.send(new GetObjectCommand({ Bucket, Key, Range: 'bytes=2-4' }));
    expect([await part.Body!.transformToString(), part.ContentRange]).toEqual(['234', 'bytes 2-4/10']);
  });

  it('copies an object within the bucket', async () => {
    const Key = await putText('once');
    const CopySource = `${Bucket}/${Key}`;
    await s3.send(new CopyObjectCommand({ Bucket, Key: `${Key}-copy`, CopySource }));
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: `${Key}-copy` }));
    expect(await got.Body!.transformToString()).toBe('once');
  });

  it('finds its bucket and no other', async () => {
    await s3.send(new HeadBucketCommand({ Bucket }));
    await expect(s3.send(new HeadBucketCommand({ Bucket: 'other' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
    await expect(
      s3.send(new PutObjectCommand({ Bucket: 'other', Key: 'a', Body: '' })),
    ).rejects.toMatchObject({
      name: 'NoSuchBucket',
    });
  });

  it('lists every key once and in order, page by page, and deletes many at once', async () => {
    const prefix = newKey();
    const names = ['a/1', 'a/2', 'a-b/1', 'a.b', 'a', 'b/c/1', 'b/c/2', 'k1', 'k1-x', 'k10', 'z'].map(
      (n) => `${prefix}/${n}`,
    );
    await Promise.all(names.map((Key) => s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }))));

    const pages: (string | undefined)[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsV2Command({ Bucket, Prefix: prefix, MaxKeys: 2, ContinuationToken }),
      );
      pages.push(...(page.Contents ?? []).map((object) => object.Key));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    expect(pages).toEqual([...names].sort());

    const folded = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: `${prefix}/`, Delimiter: '/' }));
    expect(folded.CommonPrefixes?.map((one) => one.Prefix)).toEqual(
      ['a-b/', 'a/', 'b/'].map((n) => `${prefix}/${n}`),
    );

    const Objects = names.map((Key) => ({ Key }));
    const { Deleted } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(Deleted).toHaveLength(names.length);
    expect((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: prefix }))).KeyCount).toBe(0);
  });

  it('survives writes and deletions side by side in one folder', async () => {
    const folder = newKey();
    await Promise.all(
      Array.from({ length: 40 }, async (_, n) => {
        const Key = `${folder}/deep/${n % 8}-${n}`;
        await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
        await s3.send(new DeleteObjectCommand({ Bucket, Key }));
      }),
    );
    expect((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: folder }))).KeyCount).toBe(0);
  });
});

describe('what R2 refuses', () => {
  it('a key that is written once stays: of many writers one gets through', async () => {
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

  it('a body that is not the one its checksum was made of', async () => {
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
    clockMs = 16 * 60_000;
    const skewed = client(KEYS, { maxAttempts: 1 }).send(new GetObjectCommand({ Bucket, Key }));
    await expect(skewed).rejects.toMatchObject({ name: 'RequestTimeTooSkewed' });
  });

  it('keys that lead out of the bucket, by both doors', async () => {
    for (const path of ['..%2f..%2fetc%2fpasswd', 'a%2f..%2f..%2fb', '%2e%2e/x', 'a._S3rver_object']) {
      expect((await fetch(`${storage.publicUrl}/${path}`)).status).toBe(404);
    }
    await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'a/../../b' }))).rejects.toMatchObject({
      name: 'InvalidURI',
    });
  });

  it('what this stand-in does not know', async () => {
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: 'a', VersionId: '1' }));
    expect((await fetch(url)).status).toBe(501);
  });
});

describe('presigned addresses', () => {
  it('take exactly the type and size that were signed', async () => {
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

  it('read a private object under another name until they expire, for their key alone', async () => {
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
    clockMs = 61_000;
    const late = await fetch(url);
    expect([late.status, await late.text()]).toEqual([403, expect.stringContaining('Request has expired')]);
  });
});

describe('the public address', () => {
  it('shows objects to anybody, with type, tag and CORS, without their metadata', async () => {
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

  it('shows nothing else', async () => {
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

describe('faults on demand', () => {
  it('a lost answer has stored the object', async () => {
    const Key = newKey();
    storage.faults.add({ method: 'PUT', keyMatch: Key, times: 1, fault: 'lose_answer' });
    const once = client(KEYS, { maxAttempts: 1 });
    await expect(once.send(new PutObjectCommand({ Bucket, Key, Body: 'kept' }))).rejects.toThrow();
    const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(await got.Body!.transformToString()).toBe('kept');
  });

  it('a cut connection and an unavailable store have stored nothing', async () => {
    const Key = newKey();
    const once = client(KEYS, { maxAttempts: 1 });
    storage.faults.add({ keyMatch: Key, times: 1, fault: 'reset' });
    storage.faults.add({ keyMatch: Key, times: 1, fault: 'unavailable' });
    await expect(once.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))).rejects.toThrow();
    await expect(once.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))).rejects.toMatchObject({
      name: 'ServiceUnavailable',
    });
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key }))).rejects.toMatchObject({ name: 'NotFound' });
  });

  it('a store that hangs answers nobody else the slower', async () => {
    const Key = newKey();
    storage.faults.add({ method: 'GET', keyMatch: Key, fault: 'hang' });
    const hanging = s3.send(new GetObjectCommand({ Bucket, Key }), { abortSignal: AbortSignal.timeout(200) });
    await putText('meanwhile');
    await expect(hanging).rejects.toThrow();
  });

  it('can be set by another process that knows the secret', async () => {
    const url = `${storage.endpoint}/__faults`;
    const headers = { 'x-fault-secret': KEYS.secretAccessKey };
    const add = (rule: object, more = headers) =>
      fetch(url, { method: 'POST', body: JSON.stringify(rule), headers: more });
    expect((await add({ fault: 'reset' }, { 'x-fault-secret': 'wrong' })).status).toBe(403);
    expect((await add({ fault: 'explode' })).status).toBe(400);
    expect((await add({ fault: 'slow', ms: 5, times: 2 })).status).toBe(200);
    await putText('slowly');
    expect(await (await fetch(url, { headers })).json()).toEqual({
      faults: [{ fault: 'slow', ms: 5, times: 1 }],
    });
    await fetch(url, { method: 'DELETE', headers });
    expect(storage.faults.list()).toEqual([]);
  });
});

it('what was stored is there after a restart', async () => {
  const Key = await putText('still here');
  const again = await startStorage({ directory, bucket: Bucket, ...KEYS });
  expect(await (await fetch(`${again.publicUrl}/${Key}`)).text()).toBe('still here');
  await again.stop();
});

function client(credentials = KEYS, more: { maxAttempts?: number } = {}): S3Client {
  const made = new S3Client({
    region: 'auto',
    endpoint: storage.endpoint,
    forcePathStyle: true,
    credentials,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...more,
  });
  clients.push(made);
  return made;
}

async function putText(Body: string): Promise<string> {
  const Key = newKey();
  await s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: 'text/plain' }));
  return Key;
}

function newKey(): string {
  count += 1;
  return `users/alice/${count}.png`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('base64');
}
