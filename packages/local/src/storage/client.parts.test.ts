import { createHash } from 'node:crypto';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, describe, expect, it } from 'vitest';
import { startStorage } from './start.ts';
import { Bucket, KEYS, openTestStore } from './test-store.fixture.ts';

const store = await openTestStore();
const { s3, newKey, putText, directory } = store;

afterAll(() => store.close());

describe('an unmodified S3 client', () => {
  it('puts, heads, gets and deletes an object with its type and metadata', async () => {
    const Key = newKey();
    const Body = Buffer.from('bytes of an image');
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

  it('survives concurrent writes and deletions in one folder', async () => {
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

it('objects survive a restart', async () => {
  const Key = await putText('still here');
  const again = await startStorage({ directory, bucket: Bucket, ...KEYS });
  expect(await (await fetch(`${again.publicUrl}/${Key}`)).text()).toBe('still here');
  await again.stop();
});
