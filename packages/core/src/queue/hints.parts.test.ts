import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, inject, test, vi } from 'vitest';
import { createRecordedLog } from '../runtime/log/recorded.ts';
import type { Hint, Hints } from './hints.ts';
import { openHints } from './open-hints.ts';

const redisUrl = inject('redisUrl');
const opened: Hints[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((hints) => hints.close()));
});

function open(url: string): { hints: Hints; log: ReturnType<typeof createRecordedLog> } {
  const log = createRecordedLog();
  const hints = openHints({ url, log });
  opened.push(hints);
  return { hints, log };
}

/** Publishes until the hint arrives: a subscription does not report when it has begun. */
async function heard(from: Hints, by: Hint[], hint: Hint): Promise<void> {
  await vi.waitFor(
    () => {
      from.publish(hint);
      expect(by).toContainEqual(hint);
    },
    { timeout: 10_000, interval: 50 },
  );
}

describe.skipIf(!redisUrl)('hints on Redis', () => {
  const urlOf = (namespace: string) => {
    const url = new URL(redisUrl!);
    url.searchParams.set('namespace', namespace);
    return url.href;
  };

  test('reach every process of the same deployment and none of another', async () => {
    const [ours, theirs] = [1, 2].map(() => `h_${randomUUID().slice(0, 8)}`) as [string, string];
    const { hints: sender } = open(urlOf(ours));
    const inboxes: Hint[][] = [];
    for (const namespace of [ours, ours, theirs]) {
      const inbox: Hint[] = [];
      open(urlOf(namespace)).hints.subscribe((hint) => void inbox.push(hint));
      inboxes.push(inbox);
    }
    await heard(sender, inboxes[0]!, { jobId: 'a', userId: 'u' });
    await heard(sender, inboxes[1]!, { jobId: 'b' });
    await heard(sender, inboxes[0]!, { jobId: 'c', version: 2, isInterim: true });
    expect(inboxes[2]).toEqual([]);
  });

  test('end with the subscription', async () => {
    const url = urlOf(`h_${randomUUID().slice(0, 8)}`);
    const [{ hints: sender }, { hints: receiver }] = [open(url), open(url)];
    const [left, stayed]: [Hint[], Hint[]] = [[], []];
    const leave = receiver.subscribe((hint) => void left.push(hint));
    receiver.subscribe((hint) => void stayed.push(hint));
    await heard(sender, left, { jobId: 'a' });
    leave();
    await heard(sender, stayed, { jobId: 'b' });
    expect(left).not.toContainEqual({ jobId: 'b' });
  });
});

test('an outage is logged once, and neither publishing nor closing waits for it', async () => {
  const { hints, log } = open('redis://127.0.0.1:9');
  hints.subscribe(() => {});
  await vi.waitFor(() => expect(log.told.map(({ name }) => name)).toEqual(['queue_unavailable']), {
    timeout: 10_000,
  });
  const startedAt = performance.now();
  for (let n = 0; n < 1_000; n += 1) hints.publish({ jobId: 'a' });
  await hints.close();
  await hints.close();
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect(log.told).toHaveLength(1);
});

test('a queue on PostgreSQL has no hints, and that is no error', async () => {
  const { hints } = open('postgres://127.0.0.1:9/none');
  hints.subscribe(() => {})();
  hints.publish({ jobId: 'a' });
});
