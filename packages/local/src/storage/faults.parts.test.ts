import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Bucket, KEYS, openTestStore } from './test-store.fixture.ts';

const store = await openTestStore();
const { storage, s3, client, newKey, putText } = store;

afterEach(() => storage.faults.clear());

afterAll(() => store.close());

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

  it('a hanging request does not delay others', async () => {
    const Key = newKey();
    storage.faults.add({ method: 'GET', keyMatch: Key, fault: 'hang' });
    const abortSignal = AbortSignal.timeout(200);
    const hanging = expect(s3.send(new GetObjectCommand({ Bucket, Key }), { abortSignal })).rejects.toThrow();
    await putText('meanwhile');
    await hanging;
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
