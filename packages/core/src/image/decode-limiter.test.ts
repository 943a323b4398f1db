import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createDecodeLimiter } from './decode-limiter.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Named tasks that the test ends; `begun` lists them in the order of their start. */
function works() {
  const begun: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  return {
    begun,
    work: (name: string) => () => {
      begun.push(name);
      const end = Promise.withResolvers<string>();
      ends.set(name, end);
      return end.promise;
    },
    async end(name: string) {
      ends.get(name)?.resolve(name);
      await settled();
    },
    async fail(name: string) {
      ends.get(name)?.reject(new Error(name));
      await settled();
    },
  };
}

const settled = () => vi.advanceTimersByTimeAsync(0);

test('decodes a limited number at a time, in order of arrival, and continues after a failure', async () => {
  const desk = createDecodeLimiter({ decodings: 2, room: 10 });
  const { begun, work, end, fail } = works();
  const all = Promise.allSettled(['a', 'b', 'c', 'd'].map((name) => desk.decode(work(name))));
  await settled();
  expect(begun).toEqual(['a', 'b']);
  await fail('b');
  expect(begun).toEqual(['a', 'b', 'c']);
  await end('a');
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
  await end('c');
  await end('d');
  expect((await all).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
  ]);
});

test('a response is not read while too many images are being read or wait to be decoded', async () => {
  const desk = createDecodeLimiter({ decodings: 1, room: 2 });
  const { begun, work, end } = works();
  void desk.decode(work('decoded'));
  void desk.decode(work('waits to be decoded'));
  const read = desk.read(work('read'));
  await settled();
  expect(begun).toEqual(['decoded']);
  await end('decoded');
  expect(begun).toEqual(['decoded', 'waits to be decoded', 'read']);
  void desk.read(work('next'));
  await settled();
  expect(begun).not.toContain('next');
  await end('read');
  expect(await read).toBe('read');
  expect(begun).toContain('next');
});

test('a response waits at most five seconds, however long the others take', async () => {
  const desk = createDecodeLimiter({ decodings: 1, room: 1 });
  const { begun, work, end } = works();
  void desk.read(work('slow'));
  void desk.read(work('patient'));
  await vi.advanceTimersByTimeAsync(4_999);
  expect(begun).toEqual(['slow']);
  await vi.advanceTimersByTimeAsync(1);
  expect(begun).toEqual(['slow', 'patient']);
  await end('slow');
  await end('patient');
  void desk.read(work('free again'));
  expect(begun).toContain('free again');
  expect(vi.getTimerCount()).toBe(0);
});
