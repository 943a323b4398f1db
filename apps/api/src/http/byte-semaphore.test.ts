import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createByteSemaphore } from './byte-semaphore.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const open = () => createByteSemaphore({ maxBytes: 10, maxWaiting: 2, maxWaitMs: 5_000 });
const busy = { problem: { code: 'service_unavailable', headers: { 'Retry-After': '5' } } };

test('no more than the limit is held at one time, and waiting requests are admitted in order', async () => {
  const semaphore = open();
  const admitted: string[] = [];
  const [first, second] = [await semaphore.acquire(6), await semaphore.acquire(4)];
  const large = semaphore.acquire(7).then((release) => {
    admitted.push('large');
    return release;
  });
  const small = semaphore.acquire(1).then(() => admitted.push('small'));
  second();
  second();
  await vi.advanceTimersByTimeAsync(0);
  expect(admitted, 'a small request does not overtake').toEqual([]);
  first();
  await Promise.all([large, small]);
  expect(admitted).toEqual(['large', 'small']);
  (await large)();
  expect(await semaphore.acquire(9)).toBeTypeOf('function');
});

test('a request that cannot wait, or waits too long, is rejected with Retry-After', async () => {
  const semaphore = open();
  const release = await semaphore.acquire(10);
  const waiting = [semaphore.acquire(1), semaphore.acquire(1)].map((one) =>
    expect(one).rejects.toMatchObject(busy),
  );
  await expect(semaphore.acquire(1)).rejects.toMatchObject(busy);
  await vi.advanceTimersByTimeAsync(5_000);
  await Promise.all(waiting);
  release();
  expect(await semaphore.acquire(10)).toBeTypeOf('function');
});

test('a request larger than the limit is admitted alone', async () => {
  expect(await open().acquire(11)).toBeTypeOf('function');
});
