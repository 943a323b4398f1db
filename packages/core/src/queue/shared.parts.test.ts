import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, describe, expect, inject, test, vi } from 'vitest';
import { createRecordedLog } from '../runtime/log/recorded.ts';
import { openDeadServer, openProxy } from './conformance/servers.ts';
import { dropNamespace } from './namespace.ts';
import { QueueUnavailable } from './queue.ts';
import { openShared, type Shared } from './shared.ts';

const servers = { redis: inject('redisUrl'), postgres: inject('postgresUrl') };
const opened: Shared[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((shared) => shared.close()));
});

/** How soon a call fails is tested where the server is silent; everywhere else a busy machine is no failure. */
const open = (url: string, patienceMs = 10_000) => {
  const shared = openShared({ url, log: createRecordedLog(), patienceMs });
  opened.push(shared);
  return shared;
};
/** The first answer of a server that is there. */
const answers = <T>(ask: () => Promise<T>): Promise<T> => vi.waitFor(ask, { timeout: 10_000, interval: 20 });

describe.each(['redis', 'postgres'] as const)('what processes share on %s', (backend) => {
  const server = servers[backend];
  if (!server) return test.skip('there is no such server here');
  const url = Object.assign(new URL(server), { search: `?namespace=s_${randomUUID().slice(0, 8)}` }).href;
  afterAll(() => dropNamespace({ url }));
  const pair = async () => {
    const both = [open(url), open(url)] as const;
    for (const one of both) await answers(() => one.notes());
    return both;
  };

  test('counts together, and one more than allowed is still counted', async () => {
    const [one, other] = await pair();
    const counter = { key: 'k', most: 3, seconds: 60 };
    const counts = [];
    for (const by of [one, other, one, other, one]) counts.push(...(await by.count([counter])));
    expect(counts.map(({ counted }) => counted)).toEqual([1, 2, 3, 4, 5]);
    for (const { resetMs } of counts) {
      expect(resetMs).toBeGreaterThan(0);
      expect(resetMs).toBeLessThanOrEqual(60_000);
    }
    expect(await one.count([{ ...counter, key: 'another' }])).toMatchObject([{ counted: 1 }]);
  });

  test('counts several in turn, and none after the first that is over', async () => {
    const [one, other] = await pair();
    const counters = [
      { key: 'outer', most: 2, seconds: 60 },
      { key: 'inner', most: 9, seconds: 30 },
    ];
    const counts = [];
    for (const by of [one, other, one]) counts.push(await by.count(counters));
    expect(counts).toMatchObject([
      [{ counted: 1 }, { counted: 1 }],
      [{ counted: 2 }, { counted: 2 }],
      [{ counted: 3 }],
    ]);
    const [inner] = await other.count([counters[1]!]);
    expect(inner).toMatchObject({ counted: 3 });
    expect(inner!.resetMs).toBeLessThanOrEqual(30_000);
  });

  test('counts anew once a window is over', async () => {
    const [one, other] = await pair();
    const counter = { key: 'brief', most: 3, seconds: 1 };
    expect(await one.count([counter])).toMatchObject([{ counted: 1 }]);
    await vi.waitFor(async () => {
      const [count] = await other.count([counter]);
      expect(count!.resetMs).toBeLessThanOrEqual(1_000);
      expect(count!.counted).toBe(1);
    }, 10_000);
  });

  test('has a place again that was given back, and no other', async () => {
    const [one, other] = await pair();
    const places = { most: 2, windowMs: 60_000 };
    const [first, second] = [await one.takePlace('g', places), await one.takePlace('g', places)];
    if (!first.taken || !second.taken) throw new Error('there was no place');
    expect((await other.takePlace('g', places)).taken).toBe(false);
    await one.givePlace('g', first.place);
    await one.givePlace('g', first.place);
    expect((await other.takePlace('g', places)).taken).toBe(true);
    expect((await other.takePlace('g', places)).taken).toBe(false);
    await other.givePlace('nothing', second.place);
  });

  test('gives every place once, however many ask at the same moment', async () => {
    const [one, other] = await pair();
    const places = { most: 10, windowMs: 60_000 };
    const asked = await Promise.all(
      Array.from({ length: 30 }, (_, n) => (n % 2 ? one : other).takePlace('m', places)),
    );
    expect(asked.filter(({ taken }) => taken)).toHaveLength(10);
    for (const answer of asked) {
      if (answer.taken) continue;
      expect(answer.waitMs).toBeGreaterThan(0);
      expect(answer.waitMs).toBeLessThanOrEqual(60_000);
    }
  });

  test('gives a place again once its window is over, and tells those who wait different times', async () => {
    const [one, other] = await pair();
    const places = { most: 2, windowMs: 2_000 };
    expect((await one.takePlace('n', places)).taken).toBe(true);
    expect((await other.takePlace('n', places)).taken).toBe(true);
    const [first, second] = [await one.takePlace('n', places), await other.takePlace('n', places)];
    if (first.taken || second.taken) throw new Error('there was a third place');
    await vi.waitFor(async () => expect((await one.takePlace('n', places)).taken).toBe(true), {
      timeout: 10_000,
    });
  });

  test('keeps a note for its time, and no longer', async () => {
    const [one, other] = await pair();
    expect(await one.note('a', 'x|y', { ttlMs: 60_000, if: 'always' })).toBe(true);
    const [note] = (await other.notes()).filter(({ key }) => key === 'a');
    expect(note).toMatchObject({ key: 'a', value: 'x|y' });
    expect(note!.remainingMs).toBeGreaterThan(50_000);
    await one.note('short', '', { ttlMs: 50, if: 'always' });
    await vi.waitFor(async () => expect((await other.notes()).map(({ key }) => key)).not.toContain('short'), {
      timeout: 10_000,
    });
  });

  test('leaves a note alone that is there, or that lasts longer', async () => {
    const [one, other] = await pair();
    const put = (by: Shared, value: string, ttlMs: number, only: 'absent' | 'longer') =>
      by.note('b', value, { ttlMs, if: only });
    expect(await put(one, '1', 10_000, 'absent')).toBe(true);
    expect(await put(other, '2', 20_000, 'absent')).toBe(false);
    expect(await put(other, '3', 5_000, 'longer')).toBe(false);
    expect(await put(other, '4', 20_000, 'longer')).toBe(true);
    await one.erase([{ key: 'b', value: '1' }]);
    expect((await one.notes()).find(({ key }) => key === 'b')).toMatchObject({ value: '4' });
    await one.erase([{ key: 'b' }]);
    expect((await one.notes()).find(({ key }) => key === 'b')).toBeUndefined();
  });

  test('fails soon while the server is silent, at once for the others, and works when it is back', async () => {
    const proxy = await openProxy(url);
    const shared = open(proxy.url, 250);
    await answers(() => shared.notes());
    proxy.freeze();
    const began = performance.now();
    const failed = await Promise.allSettled(
      Array.from({ length: 20 }, () => shared.count([{ key: 'c', most: 9, seconds: 9 }])),
    );
    expect(failed.every((one) => one.status === 'rejected' && one.reason instanceof QueueUnavailable)).toBe(
      true,
    );
    expect(performance.now() - began).toBeLessThan(8_000);
    proxy.stop();
    proxy.go();
    await answers(() => shared.notes());
    await proxy.close();
  });

  test('never waits for a server that is not there, not even to be closed', async () => {
    const dead = await openDeadServer(url, null);
    const shared = open(dead.url);
    await expect(shared.notes()).rejects.toThrow(QueueUnavailable);
    await shared.close();
    await shared.close();
  });

  test('begins anew when it was dropped', async () => {
    const [one] = await pair();
    await one.note('d', '', { ttlMs: 60_000, if: 'always' });
    await dropNamespace({ url });
    expect(await answers(() => one.notes())).toEqual([]);
    expect(await answers(() => one.note('d', '', { ttlMs: 60_000, if: 'absent' }))).toBe(true);
  });
});
