import { describe, expect, test } from 'vitest';
import { createRecordedLog } from '../runtime/log/recorded.ts';
import { createErrorLog } from './error-log.ts';
import { createOutageGuard } from './outage-guard.ts';
import { createOutageLog } from './outage-log.ts';
import { QueueUnavailable } from './queue.ts';

describe('outage guard', () => {
  test('a result is passed on, and a failure becomes QueueUnavailable with its cause', async () => {
    const guard = createOutageGuard({ log: createRecordedLog() });
    const cause = new Error('refused');
    await expect(guard.call(1_000, async () => 42)).resolves.toBe(42);
    await expect(guard.call(1_000, () => Promise.reject(cause))).rejects.toMatchObject({
      name: 'QueueUnavailable',
      cause,
    });
  });

  test('during an outage one call at a time probes and the others fail at once', async () => {
    const guard = createOutageGuard({ log: createRecordedLog() });
    await expect(guard.call(5, () => new Promise(() => undefined))).rejects.toBeInstanceOf(QueueUnavailable);
    const answer = Promise.withResolvers<string>();
    const trying = guard.call(1_000, () => answer.promise);
    let asked = false;
    const second = guard.call(1_000, async () => {
      asked = true;
    });
    await expect(second).rejects.toBeInstanceOf(QueueUnavailable);
    expect(asked).toBe(false);
    answer.resolve('back');
    await expect(trying).resolves.toBe('back');
    await expect(guard.call(1_000, async () => 'fine')).resolves.toBe('fine');
  });
});

describe('outage log', () => {
  test('an outage is logged once, then each minute with the number of failures, and when it ends', () => {
    const log = createRecordedLog();
    let now = 0;
    const outage = createOutageLog({ log, now: () => now });
    outage.succeeded();
    for (now = 0; now <= 60_000; now += 1_000) outage.failed(new Error('refused'));
    outage.succeeded();
    outage.succeeded();
    expect(log.told.map(({ name }) => name)).toEqual([
      'queue_unavailable',
      'queue_unavailable',
      'queue_recovered',
    ]);
    expect(log.told[1]?.fields.failures).toBe(60);
  });
});

test('errors beyond ten a minute are counted, not logged', () => {
  const log = createRecordedLog();
  let now = 0;
  const logError = createErrorLog({ log, now: () => now });
  for (let count = 0; count < 25; count += 1) logError(new Error('again'));
  now = 60_000;
  logError(new Error('again'));
  expect(log.told).toHaveLength(11);
  expect(log.told[10]?.fields.suppressed).toBe(15);
});
