import { describe, expect, test } from 'vitest';
import { createRecordedLog } from '../runtime/log/recorded.ts';
import { createAvailability } from './availability.ts';
import { createCaller } from './caller.ts';
import { createComplaints } from './complaints.ts';
import { QueueUnavailable } from './queue.ts';

describe('caller', () => {
  test('an answer comes through, and a failure becomes QueueUnavailable with its cause', async () => {
    const caller = createCaller({ log: createRecordedLog() });
    const cause = new Error('refused');
    await expect(caller.ask(1_000, async () => 42)).resolves.toBe(42);
    await expect(caller.ask(1_000, () => Promise.reject(cause))).rejects.toMatchObject({
      name: 'QueueUnavailable',
      cause,
    });
  });

  test('while the queue is away, one call at a time tries and the others fail at once', async () => {
    const caller = createCaller({ log: createRecordedLog() });
    await expect(caller.ask(5, () => new Promise(() => undefined))).rejects.toBeInstanceOf(QueueUnavailable);
    const answer = Promise.withResolvers<string>();
    const trying = caller.ask(1_000, () => answer.promise);
    let asked = false;
    const second = caller.ask(1_000, async () => {
      asked = true;
    });
    await expect(second).rejects.toBeInstanceOf(QueueUnavailable);
    expect(asked).toBe(false);
    answer.resolve('back');
    await expect(trying).resolves.toBe('back');
    await expect(caller.ask(1_000, async () => 'fine')).resolves.toBe('fine');
  });
});

describe('availability', () => {
  test('an outage is told once, again each minute with the number of failures, and when it ends', () => {
    const log = createRecordedLog();
    let now = 0;
    const availability = createAvailability({ log, now: () => now });
    availability.worked();
    for (now = 0; now <= 60_000; now += 1_000) availability.failed(new Error('refused'));
    availability.worked();
    availability.worked();
    expect(log.told.map(({ name }) => name)).toEqual([
      'queue_unavailable',
      'queue_unavailable',
      'queue_recovered',
    ]);
    expect(log.told[1]?.fields.failures).toBe(60);
  });
});

test('complaints beyond ten a minute are counted, not told', () => {
  const log = createRecordedLog();
  let now = 0;
  const complain = createComplaints({ log, now: () => now });
  for (let count = 0; count < 25; count += 1) complain(new Error('again'));
  now = 60_000;
  complain(new Error('again'));
  expect(log.told).toHaveLength(11);
  expect(log.told[10]?.fields.suppressed).toBe(15);
});
