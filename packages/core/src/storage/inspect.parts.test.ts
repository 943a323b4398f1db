import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalStorage, startStorage } from '@darkroom/local/storage/start';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inspectStorage } from './inspect.ts';
import { createR2 } from './r2.ts';

const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' };
const bucket = 'images';
let directory: string;
let local: LocalStorage;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'inspect-'));
  local = await startStorage({ directory, bucket, ...credentials });
});
afterAll(async () => {
  await local.stop();
  await rm(directory, { recursive: true, force: true });
});

test('a public address that never answers is reported alone, and the object is removed', async () => {
  const { endpoint, publicUrl } = local;
  const connection = { endpoint, publicUrl, bucket, ...credentials };
  const asked: string[] = [];
  const hanging: typeof fetch = (url, options) => {
    asked.push(String(url));
    return new Promise((_resolve, reject) => {
      options?.signal?.addEventListener('abort', () => reject(options.signal?.reason));
    });
  };
  const { steps } = await inspectStorage(connection, {
    origins: ['https://app.test'],
    timeoutMs: 6_000,
    fetch: hanging,
  });
  expect(asked).toHaveLength(2);
  expect(steps).toEqual([
    { step: 'write', error: null },
    { step: 'read', error: null },
    expect.objectContaining({ step: 'public', answer: 'unreachable' }),
    { step: 'remove', error: null },
  ]);
  const storage = createR2(connection);
  try {
    const { objects } = await storage.list('darkroom-doctor/');
    expect(objects).toEqual([]);
  } finally {
    storage.close();
  }
});
