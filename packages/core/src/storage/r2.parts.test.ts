import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalStorage, startStorage } from '@darkroom/local/storage/start';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createR2, type R2Options } from './r2.ts';
import { createUploadSigner } from './sign-upload.ts';
import { type Storage, StorageUnavailable } from './storage.ts';

const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' };
const bucket = 'images';
const image = { bytes: Buffer.from('the bytes of an image'), mimeType: 'image/png' };
const whole = { maxBytes: 1_000_000 };

let directory: string;
let local: LocalStorage;
let r2: Storage;
const opened: Storage[] = [];

function open(changes: Partial<R2Options> = {}): Storage {
  const { endpoint, publicUrl } = local;
  const storage = createR2({ endpoint, publicUrl, bucket, ...credentials, ...changes });
  opened.push(storage);
  return storage;
}
const newKey = () => `users/u/jobs/${randomUUID()}/1 ü.png`;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'r2-'));
  local = await startStorage({ directory, bucket, ...credentials });
  r2 = open();
});
afterEach(() => local.faults.clear());
afterAll(async () => {
  for (const storage of opened) storage.close();
  await local.stop();
  await rm(directory, { recursive: true, force: true });
});

describe('an object', () => {
  test('can be read by its owner and at its public address', async () => {
    const key = newKey();
    const { url } = await r2.put(key, image);
    expect(url).toBe(r2.publicUrl(key));
    const answer = await fetch(url);
    expect(answer.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(image.bytes);
    expect(await r2.get(key, whole)).toEqual(image);
    expect(await r2.head(key)).toEqual({ size: image.bytes.length, mimeType: 'image/png' });
  });

  test('that is missing is null, and removing it is not an error', async () => {
    const key = newKey();
    expect(await r2.get(key, whole)).toBeNull();
    expect(await r2.head(key)).toBeNull();
    await r2.delete(key);
  });

  test('is missing after it was removed', async () => {
    const key = newKey();
    await r2.put(key, image);
    await r2.delete(key);
    expect(await r2.head(key)).toBeNull();
  });

  test('that is too large is not read, and its connection is released', async () => {
    const key = newKey();
    await r2.put(key, { ...image, bytes: Buffer.alloc(2_000_000, 7) });
    for (let time = 0; time < 80; time += 1) {
      expect(await r2.get(key, { maxBytes: 1_999_999 })).toBe('too_large');
    }
    const read = await r2.get(key, { maxBytes: 2_000_000 });
    expect(read !== 'too_large' && read?.bytes.length).toBe(2_000_000);
  });

  test('is never overwritten by other bytes', async () => {
    const key = newKey();
    await r2.put(key, image);
    const other = r2.put(key, { ...image, bytes: Buffer.from('other') });
    await expect(other).rejects.toThrow('another object');
    await expect(other).rejects.toBeInstanceOf(StorageUnavailable);
    expect(await r2.get(key, whole)).toEqual(image);
  });
});

describe('a listing', () => {
  test('returns every object of a prefix once, page by page, and no others', async () => {
    const prefix = `users/${randomUUID()}/`;
    const keys = ['a b.png', 'a.png', 'jobs/1/ü.png', 'jobs/2/x.png', 'uploads/z.png'].map(
      (name) => prefix + name,
    );
    for (const key of [...keys, `${prefix.slice(0, -1)}x/other.png`]) await r2.put(key, image);
    const seen: string[] = [];
    let after: string | null = null;
    for (let page = 0; page < 3; page += 1) {
      const { objects, next } = await r2.list(prefix, { after, limit: 2 });
      seen.push(...objects.map(({ key }) => key));
      for (const { size, modifiedAt } of objects) {
        expect(size).toBe(image.bytes.length);
        expect(Math.abs(Date.now() - modifiedAt.getTime())).toBeLessThan(60_000);
      }
      expect(next === null).toBe(page === 2);
      after = next;
    }
    expect(seen).toEqual(keys);
    expect(await r2.list(`users/${randomUUID()}/`)).toEqual({ objects: [], next: null });
  });

  test('of an unavailable store throws StorageUnavailable', async () => {
    local.faults.add({ fault: 'unavailable' });
    await expect(r2.list('users/')).rejects.toBeInstanceOf(StorageUnavailable);
  });
});

describe('when the store has faults', () => {
  test('storing the same bytes twice succeeds', async () => {
    const key = newKey();
    const sha256 = createHash('sha256').update(image.bytes).digest('hex');
    await r2.put(key, image);
    await expect(r2.put(key, image, { sha256 })).resolves.toEqual({ url: r2.publicUrl(key) });
  });

  test('a put succeeds when its answer is lost after the object was stored', async () => {
    const key = newKey();
    local.faults.add({ method: 'PUT', keyMatch: key.split('/')[3], times: 1, fault: 'lose_answer' });
    await r2.put(key, image);
    expect(await r2.get(key, whole)).toEqual(image);
  });

  test.each(['reset', 'unavailable'] as const)('a single %s is retried', async (fault) => {
    const key = newKey();
    local.faults.add({ times: 1, fault });
    await r2.put(key, image);
    local.faults.add({ times: 1, fault });
    expect(await r2.get(key, whole)).toEqual(image);
  });

  test.each(['reset', 'unavailable'] as const)('a lasting %s throws StorageUnavailable', async (fault) => {
    local.faults.add({ fault });
    await expect(r2.put(newKey(), image)).rejects.toBeInstanceOf(StorageUnavailable);
    await expect(r2.get(newKey(), whole)).rejects.toBeInstanceOf(StorageUnavailable);
    await expect(r2.head(newKey())).rejects.toBeInstanceOf(StorageUnavailable);
    await expect(r2.delete(newKey())).rejects.toBeInstanceOf(StorageUnavailable);
  });

  test('a call without an answer ends at the time limit', async () => {
    const hasty = open({ requestTimeoutMs: 200 });
    local.faults.add({ fault: 'hang' });
    await expect(hasty.put(newKey(), image)).rejects.toThrow(StorageUnavailable);
    await expect(hasty.get(newKey(), whole)).rejects.toThrow(StorageUnavailable);
  });

  test('a body that stops in the middle ends at the time limit', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('half');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const hasty = open({ endpoint: `http://127.0.0.1:${port}`, requestTimeoutMs: 200 });
    await expect(hasty.get(newKey(), whole)).rejects.toThrow('no answer within 200 ms');
    server.closeAllConnections();
    server.close();
  });

  test("the caller's abort throws its reason", async () => {
    local.faults.add({ fault: 'hang' });
    const caller = new AbortController();
    const reason = new Error('the claim was lost');
    const calls = [
      r2.put(newKey(), image, { signal: caller.signal }),
      r2.get(newKey(), { ...whole, signal: caller.signal }),
      r2.head(newKey(), { signal: caller.signal }),
      r2.delete(newKey(), { signal: caller.signal }),
    ];
    caller.abort(reason);
    for (const result of await Promise.allSettled(calls)) expect(result).toMatchObject({ reason });
  });

  test('a refused connection throws StorageUnavailable', async () => {
    const nowhere = open({ endpoint: 'http://127.0.0.1:1' });
    await expect(nowhere.head(newKey())).rejects.toThrow(StorageUnavailable);
  });

  test.each<[string, Partial<R2Options>]>([
    ['a wrong key id', { accessKeyId: 'nobody' }],
    ['a wrong secret', { secretAccessKey: 'guess' }],
    ['a bucket that does not exist', { bucket: 'elsewhere' }],
  ])('%s is reported as a misconfiguration', async (_, changes) => {
    const wrong = open(changes);
    const put = wrong.put(newKey(), image);
    await expect(put).rejects.toThrow(StorageUnavailable);
    await expect(put).rejects.toThrow('misconfigured');
  });
});

describe('a signed upload', () => {
  const upload = () => ({ key: newKey(), contentType: 'image/png', contentLength: image.bytes.length });

  async function send(body: Buffer, changes: Record<string, string> = {}) {
    const signer = createUploadSigner({ endpoint: local.endpoint, bucket, ...credentials });
    const wanted = upload();
    const { url, method, headers } = await signer.sign(wanted);
    signer.close();
    const answer = await fetch(url, { method, headers: { ...headers, ...changes }, body });
    await answer.arrayBuffer();
    return { status: answer.status, stored: await r2.get(wanted.key, whole) };
  }

  test('is stored with its bytes and type', async () => {
    expect(await send(image.bytes)).toEqual({ status: 200, stored: image });
  });

  test('of another type or length is rejected', async () => {
    expect(await send(image.bytes, { 'content-type': 'text/html' })).toEqual({ status: 403, stored: null });
    expect(await send(Buffer.from('longer than it was announced'))).toEqual({ status: 403, stored: null });
  });
});
