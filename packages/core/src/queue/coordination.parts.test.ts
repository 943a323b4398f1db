import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, describe, expect, inject, test, vi } from 'vitest';
import { createRecordedLog } from '../runtime/log/recorded.ts';
import { openDeadServer, openProxy } from './conformance/servers.ts';
import type { Coordination } from './coordination.ts';
import { dropNamespace } from './namespace.ts';
import { openCoordination } from './open-coordination.ts';
import { QueueUnavailable } from './queue.ts';

const servers = { redis: inject('redisUrl'), postgres: inject('postgresUrl') };
const opened: Coordination[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((coordination) => coordination.close()));
});

/** How soon a call fails is tested where the server is silent; everywhere else a busy machine is no failure. */
const open = (url: string, timeoutMs = 10_000) => {
  const coordination = openCoordination({ url, log: createRecordedLog(), timeoutMs });
  opened.push(coordination);
  return coordination;
};
/** The first answer of a server that is there. */
const answers = <T>(ask: () => Promise<T>): Promise<T> => vi.waitFor(ask, { timeout: 10_000, interval: 20 });

describe.each(['redis', 'postgres'] as const)('coordination on %s', (backend) => {
  const server = servers[backend];
  if (!server) return test.skip('there is no such server here');
  const url = Object.assign(new URL(server), { search: `?namespace=s_${randomUUID().slice(0, 8)}` }).href;
  afterAll(() => dropNamespace({ url }));
  const pair = async () => {
    const both = [open(url), open(url)] as const;
    for (const one of both) await answers(() => one.listValues());
    return both;
  };

  test('processes count together, also beyond the limit', async () => {
    const [one, other] = await pair();
    const counter = { key: 'k', limit: 3, windowSeconds: 60 };
    const counts = [];
    for (const by of [one, other, one, other, one]) counts.push(...(await by.count([counter])));
    expect(counts.map(({ count }) => count)).toEqual([1, 2, 3, 4, 5]);
    for (const { resetMs } of counts) {
      expect(resetMs).toBeGreaterThan(0);
      expect(resetMs).toBeLessThanOrEqual(60_000);
    }
    expect(await one.count([{ ...counter, key: 'another' }])).toMatchObject([{ count: 1 }]);
  });

  test('counters are incremented in order, up to the first that exceeds its limit', async () => {
    const [one, other] = await pair();
    const counters = [
      { key: 'outer', limit: 2, windowSeconds: 60 },
      { key: 'inner', limit: 9, windowSeconds: 30 },
    ];
    const counts = [];
    for (const by of [one, other, one]) counts.push(await by.count(counters));
    expect(counts).toMatchObject([
      [{ count: 1 }, { count: 1 }],
      [{ count: 2 }, { count: 2 }],
      [{ count: 3 }],
    ]);
    const [inner] = await other.count([counters[1]!]);
    expect(inner).toMatchObject({ count: 3 });
    expect(inner!.resetMs).toBeLessThanOrEqual(30_000);
  });

  test('a new window starts at 1', async () => {
    const [one, other] = await pair();
    const counter = { key: 'brief', limit: 3, windowSeconds: 1 };
    expect(await one.count([counter])).toMatchObject([{ count: 1 }]);
    await vi.waitFor(async () => {
      const [count] = await other.count([counter]);
      expect(count!.resetMs).toBeLessThanOrEqual(1_000);
      expect(count!.count).toBe(1);
    }, 10_000);
  });

  test('a released slot is free again, and only that one', async () => {
    const [one, other] = await pair();
    const slots = { limit: 2, windowMs: 60_000 };
    const [first, second] = [await one.reserve('g', slots), await one.reserve('g', slots)];
    if (!first.reserved || !second.reserved) throw new Error('there was no free slot');
    expect((await other.reserve('g', slots)).reserved).toBe(false);
    await one.release('g', first.slotId);
    await one.release('g', first.slotId);
    expect((await other.reserve('g', slots)).reserved).toBe(true);
    expect((await other.reserve('g', slots)).reserved).toBe(false);
    await other.release('nothing', second.slotId);
  });

  test('each slot is reserved once, however many reserve at the same moment', async () => {
    const [one, other] = await pair();
    const slots = { limit: 10, windowMs: 60_000 };
    const asked = await Promise.all(
      Array.from({ length: 30 }, (_, n) => (n % 2 ? one : other).reserve('m', slots)),
    );
    expect(asked.filter(({ reserved }) => reserved)).toHaveLength(10);
    for (const answer of asked) {
      if (answer.reserved) continue;
      expect(answer.waitMs).toBeGreaterThan(0);
      expect(answer.waitMs).toBeLessThanOrEqual(60_000);
    }
  });

  test('a slot is free again after its window, and those who wait are told different times', async () => {
    const [one, other] = await pair();
    const slots = { limit: 2, windowMs: 2_000 };
    expect((await one.reserve('n', slots)).reserved).toBe(true);
    expect((await other.reserve('n', slots)).reserved).toBe(true);
    const [first, second] = [await one.reserve('n', slots), await other.reserve('n', slots)];
    if (first.reserved || second.reserved) throw new Error('there was a third slot');
    await vi.waitFor(async () => expect((await one.reserve('n', slots)).reserved).toBe(true), {
      timeout: 10_000,
    });
  });

  test('a value is kept until it expires', async () => {
    const [one, other] = await pair();
    expect(await one.setValue('a', 'x|y', { ttlMs: 60_000, if: 'always' })).toBe(true);
    const [value] = (await other.listValues()).filter(({ key }) => key === 'a');
    expect(value).toMatchObject({ key: 'a', value: 'x|y' });
    expect(value!.remainingMs).toBeGreaterThan(50_000);
    await one.setValue('short', '', { ttlMs: 50, if: 'always' });
    await vi.waitFor(
      async () => expect((await other.listValues()).map(({ key }) => key)).not.toContain('short'),
      {
        timeout: 10_000,
      },
    );
  });

  test('a value is not replaced where it exists, or expires later', async () => {
    const [one, other] = await pair();
    const put = (by: Coordination, value: string, ttlMs: number, only: 'absent' | 'longer') =>
      by.setValue('b', value, { ttlMs, if: only });
    expect(await put(one, '1', 10_000, 'absent')).toBe(true);
    expect(await put(other, '2', 20_000, 'absent')).toBe(false);
    expect(await put(other, '3', 5_000, 'longer')).toBe(false);
    expect(await put(other, '4', 20_000, 'longer')).toBe(true);
    await one.deleteValues([{ key: 'b', value: '1' }]);
    expect((await one.listValues()).find(({ key }) => key === 'b')).toMatchObject({ value: '4' });
    await one.deleteValues([{ key: 'b' }]);
    expect((await one.listValues()).find(({ key }) => key === 'b')).toBeUndefined();
  });

  test('calls fail fast while the server is silent, and work when it is back', async () => {
    const proxy = await openProxy(url);
    const coordination = open(proxy.url, 250);
    await answers(() => coordination.listValues());
    proxy.freeze();
    const began = performance.now();
    const failed = await Promise.allSettled(
      Array.from({ length: 20 }, () => coordination.count([{ key: 'c', limit: 9, windowSeconds: 9 }])),
    );
    expect(failed.every((one) => one.status === 'rejected' && one.reason instanceof QueueUnavailable)).toBe(
      true,
    );
    expect(performance.now() - began).toBeLessThan(8_000);
    proxy.stop();
    proxy.go();
    await answers(() => coordination.listValues());
    await proxy.close();
  });

  test('neither calls nor closing wait for a server that is not there', async () => {
    const dead = await openDeadServer(url, null);
    const coordination = open(dead.url);
    await expect(coordination.listValues()).rejects.toThrow(QueueUnavailable);
    await coordination.close();
    await coordination.close();
  });

  test('starts empty after the namespace was dropped', async () => {
    const [one] = await pair();
    await one.setValue('d', '', { ttlMs: 60_000, if: 'always' });
    await dropNamespace({ url });
    expect(await answers(() => one.listValues())).toEqual([]);
    expect(await answers(() => one.setValue('d', '', { ttlMs: 60_000, if: 'absent' }))).toBe(true);
  });
});
