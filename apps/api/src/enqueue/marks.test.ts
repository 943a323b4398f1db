import type { Delivery } from '@darkroom/core/queue/queue';
import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createDeliveryMarks } from './marks.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('marks are written together, once the wait is over', async () => {
  const { marks, batches } = start();
  marks.remember(delivery(1));
  marks.remember(delivery(2));
  expect(batches).toEqual([]);
  await vi.advanceTimersByTimeAsync(100);
  expect(batches).toEqual([[delivery(1), delivery(2)]]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(batches).toHaveLength(1);
});

test('a full batch does not wait', () => {
  const { marks, batches } = start({ maxBatch: 2 });
  for (const number of [1, 2, 3]) marks.remember(delivery(number));
  expect(batches).toEqual([[delivery(1), delivery(2)]]);
});

test('closing writes what is left, and nothing that comes later', async () => {
  const { marks, batches } = start();
  marks.remember(delivery(1));
  await marks.close();
  marks.remember(delivery(2));
  await marks.close();
  expect(batches).toEqual([[delivery(1)]]);
  expect(vi.getTimerCount()).toBe(0);
});

test('a database that is away is told to the operators and to no one else', async () => {
  const { marks, log } = start({ error: new Error('away') });
  marks.remember(delivery(1));
  await marks.close();
  expect(log.told).toMatchObject([{ name: 'database_unavailable', fields: { count: 1 } }]);
});

function start({ maxBatch, error }: { maxBatch?: number; error?: Error } = {}) {
  const batches: Delivery[][] = [];
  const log = createRecordedLog();
  const db = {
    async markDelivered(deliveries: readonly Delivery[]) {
      if (error) throw error;
      batches.push([...deliveries]);
    },
  };
  return { marks: createDeliveryMarks({ db, log, maxBatch }), batches, log };
}

function delivery(number: number): Delivery {
  return { jobId: `job-${number}`, delivery: 1 };
}
