import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startStorage } from './start.ts';

export const KEYS = { accessKeyId: 'local-key', secretAccessKey: 'local-secret' };
export const Bucket = 'images';

/** A store for one test file, with unmodified clients and an adjustable clock. */
export async function openTestStore() {
  const directory = await mkdtemp(join(tmpdir(), 'storage-'));
  const clock = { aheadMs: 0 };
  const now = () => new Date(Date.now() + clock.aheadMs);
  const storage = await startStorage({
    directory,
    bucket: Bucket,
    ...KEYS,
    corsOrigins: ['https://app.example'],
    now,
  });
  const clients: S3Client[] = [];
  let count = 0;

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

  const s3 = client();

  function newKey(): string {
    count += 1;
    return `users/alice/${count}.png`;
  }

  async function putText(Body: string): Promise<string> {
    const Key = newKey();
    await s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: 'text/plain' }));
    return Key;
  }

  async function close(): Promise<void> {
    for (const one of clients) one.destroy();
    await storage.stop();
    await rm(directory, { recursive: true, force: true });
  }

  return { directory, storage, clock, s3, client, newKey, putText, close };
}
