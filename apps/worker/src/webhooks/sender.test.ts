import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import type { Database } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import type { ClaimedWebhook } from '@darkroom/db/webhooks/webhooks';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { trackDependency } from '../health/dependency.ts';
import { aWebhook } from './claimed.fixture.ts';
import { createWebhookSender } from './sender.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Claim = Parameters<Database['claimWebhooks']>[0];

/** Stands in for the rows: claims them in order, within the limits of the claim. */
function setUp(limits = { concurrency: 4, retries: 2, perHost: 2 }) {
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
  const database = trackDependency(log, 'database');
  const sender = createWebhookSender({ db, deliver, database, log, random: () => 0, limits });
  return {
    db,
    log,
    deliver,
    sender,
    due: (...ids: [id: string, host: string, attempt?: number][]) => {
      due.push(...ids.map(([id, host, attempt = 1]) => aWebhook({ id, host, attempt })));
    },
    async stop() {
      const stopped = sender.stop({ graceMs: 0 });
      await vi.advanceTimersByTimeAsync(0);
      await stopped;
    },
    inFlight: () => [...sent.keys()],
    async end(id: string) {
      sent.get(id)?.();
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

test('a due webhook is sent within two seconds, and immediately after pollNow', async () => {
  const { sender, stop, due, inFlight } = setUp();
  sender.start();
  due(['a', 'one']);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(inFlight()).toEqual(['a']);
  due(['b', 'two']);
  sender.pollNow();
  await vi.advanceTimersByTimeAsync(0);
  expect(inFlight()).toEqual(['a', 'b']);
  await stop();
});

test('a host that does not answer gets no more than its share, and its next webhook follows the one that ends', async () => {
  const { sender, stop, due, inFlight, end } = setUp();
  due(['a', 'dead'], ['b', 'dead'], ['c', 'dead'], ['d', 'fine']);
  sender.start();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(inFlight()).toEqual(['a', 'b', 'd']);
  await end('a');
  expect(inFlight()).toEqual(['b', 'd', 'c']);
  await stop();
});

test('retries leave room for new webhooks', async () => {
  const { sender, stop, due, inFlight, end } = setUp();
  due(['a', '1', 2], ['b', '2', 5], ['c', '3', 3], ['d', '4'], ['e', '5'], ['f', '6']);
  sender.start();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(inFlight()).toEqual(['a', 'b', 'd', 'e']);
  await end('b');
  expect(inFlight()).toEqual(['a', 'd', 'e', 'c']);
  await stop();
});

test('no more are claimed than can be in flight', async () => {
  const { sender, stop, db, due } = setUp();
  due(...Array.from({ length: 9 }, (_, at): [string, string] => [`w${at}`, `h${at}`]));
  sender.start();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(db.claimWebhooks.mock.calls.every(([{ limit }]) => limit > 0)).toBe(true);
  expect(db.claimWebhooks).toHaveBeenCalledTimes(1);
  await stop();
});

test('an unavailable database is logged once and polled again', async () => {
  const { sender, stop, db, log, due, inFlight } = setUp();
  db.claimWebhooks.mockRejectedValueOnce(new DatabaseUnavailable('away'));
  due(['a', 'one']);
  sender.start();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(inFlight()).toEqual(['a']);
  expect(log.told.map(({ name }) => name)).toEqual(['database_unavailable', 'database_recovered']);
  await stop();
});

test('stopping claims nothing further, waits for webhooks in flight, and aborts them after the grace', async () => {
  const { sender, db, due, end } = setUp();
  due(['a', 'one'], ['b', 'two']);
  sender.start();
  await vi.advanceTimersByTimeAsync(1_000);
  const polls = db.claimWebhooks.mock.calls.length;
  const stopped = vi.fn();
  const stopping = sender.stop({ graceMs: 5_000 }).then(stopped);
  due(['c', 'three']);
  sender.pollNow();
  await end('a');
  await vi.advanceTimersByTimeAsync(4_999);
  expect(stopped).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await stopping;
  expect(db.claimWebhooks).toHaveBeenCalledTimes(polls);
  expect(vi.getTimerCount()).toBe(0);
});
