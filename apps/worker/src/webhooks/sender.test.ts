import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import type { ClaimedWebhook, Database } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createReachability } from '../log/reachability.ts';
import { aWebhook } from './claimed.fixture.ts';
import { createNotifier } from './sender.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Claim = Parameters<Database['claimWebhooks']>[0];

/** The rows, as far as the notifier can tell: they are claimed in order, within the limits of the claim. */
function setUp(limits = { atOnce: 4, again: 2, perHost: 2 }) {
  let due: ClaimedWebhook[] = [];
  const log = createRecordedLog();
  const sent = new Map<string, () => void>();
  const db = {
    claimWebhooks: vi.fn(async ({ limit, again, perHost, busy }: Claim) => {
      const hosts = { ...busy };
      let more = again;
      const claimed = due
        .filter(({ host, attempt }) => {
          if ((hosts[host] ?? 0) >= perHost || (attempt > 1 && more === 0)) return false;
          hosts[host] = (hosts[host] ?? 0) + 1;
          if (attempt > 1) more -= 1;
          return true;
        })
        .slice(0, limit);
      due = due.filter((one) => !claimed.includes(one));
      return claimed;
    }),
  };
  const deliver = vi.fn((webhook: ClaimedWebhook, signal: AbortSignal) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    sent.set(webhook.id, resolve);
    signal.addEventListener('abort', () => resolve());
    return promise.finally(() => sent.delete(webhook.id));
  });
  const database = createReachability(log, 'database');
  const notifier = createNotifier({ db, deliver, database, log, random: () => 0, limits });
  return {
    db,
    log,
    deliver,
    notifier,
    due: (...ids: [id: string, host: string, attempt?: number][]) => {
      due.push(...ids.map(([id, host, attempt = 1]) => aWebhook({ id, host, attempt })));
    },
    async stop() {
      const stopped = notifier.stop({ graceMs: 0 });
      await vi.advanceTimersByTimeAsync(0);
      await stopped;
    },
    onTheirWay: () => [...sent.keys()],
    async end(id: string) {
      sent.get(id)?.();
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

test('what is due is found within a second or two, and at once when it is woken', async () => {
  const { notifier, stop, due, onTheirWay } = setUp();
  notifier.start();
  due(['a', 'one']);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(onTheirWay()).toEqual(['a']);
  due(['b', 'two']);
  notifier.wake();
  await vi.advanceTimersByTimeAsync(0);
  expect(onTheirWay()).toEqual(['a', 'b']);
  await stop();
});

test('a host that does not answer holds no more than its share, and its next follows the one that ends', async () => {
  const { notifier, stop, due, onTheirWay, end } = setUp();
  due(['a', 'dead'], ['b', 'dead'], ['c', 'dead'], ['d', 'fine']);
  notifier.start();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(onTheirWay()).toEqual(['a', 'b', 'd']);
  await end('a');
  expect(onTheirWay()).toEqual(['b', 'd', 'c']);
  await stop();
});

test('what was tried before leaves room for what is new', async () => {
  const { notifier, stop, due, onTheirWay, end } = setUp();
  due(['a', '1', 2], ['b', '2', 5], ['c', '3', 3], ['d', '4'], ['e', '5'], ['f', '6']);
  notifier.start();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(onTheirWay()).toEqual(['a', 'b', 'd', 'e']);
  await end('b');
  expect(onTheirWay()).toEqual(['a', 'd', 'e', 'c']);
  await stop();
});

test('no more are claimed than can be sent at once', async () => {
  const { notifier, stop, db, due } = setUp();
  due(...Array.from({ length: 9 }, (_, at): [string, string] => [`w${at}`, `h${at}`]));
  notifier.start();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(db.claimWebhooks.mock.calls.every(([{ limit }]) => limit > 0)).toBe(true);
  expect(db.claimWebhooks).toHaveBeenCalledTimes(1);
  await stop();
});

test('a database that is away is said once, and asked again', async () => {
  const { notifier, stop, db, log, due, onTheirWay } = setUp();
  db.claimWebhooks.mockRejectedValueOnce(new DatabaseUnavailable('away'));
  due(['a', 'one']);
  notifier.start();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(onTheirWay()).toEqual(['a']);
  expect(log.told.map(({ name }) => name)).toEqual(['database_unavailable', 'database_recovered']);
  await stop();
});

test('stopping takes nothing further, waits for what is on its way, and cuts it off in the end', async () => {
  const { notifier, db, due, end } = setUp();
  due(['a', 'one'], ['b', 'two']);
  notifier.start();
  await vi.advanceTimersByTimeAsync(1_000);
  const looks = db.claimWebhooks.mock.calls.length;
  const stopped = vi.fn();
  const stopping = notifier.stop({ graceMs: 5_000 }).then(stopped);
  due(['c', 'three']);
  notifier.wake();
  await end('a');
  await vi.advanceTimersByTimeAsync(4_999);
  expect(stopped).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await stopping;
  expect(db.claimWebhooks).toHaveBeenCalledTimes(looks);
  expect(vi.getTimerCount()).toBe(0);
});
