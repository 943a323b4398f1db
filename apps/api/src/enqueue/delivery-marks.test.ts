import type { Delivery } from '@darkroom/core/queue/queue';
import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createDeliveryMarks } from './delivery-marks.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('marks are written together after the delay', async () => {
  const { deliveryMarks, batches } = start();
  deliveryMarks.add(delivery(1));
  deliveryMarks.add(delivery(2));
  expect(batches).toEqual([]);
  await vi.advanceTimersByTimeAsync(100);
  expect(batches).toEqual([[delivery(1), delivery(2)]]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(batches).toHaveLength(1);
});

test('a full batch is written at once', () => {
  const { deliveryMarks, batches } = start({ maxBatch: 2 });
  for (const number of [1, 2, 3]) deliveryMarks.add(delivery(number));
  expect(batches).toEqual([[delivery(1), delivery(2)]]);
});

test('closing writes pending marks and ignores later ones', async () => {
  const { deliveryMarks, batches } = start();
  deliveryMarks.add(delivery(1));
  await deliveryMarks.close();
  deliveryMarks.add(delivery(2));
  await deliveryMarks.close();
  expect(batches).toEqual([[delivery(1)]]);
  expect(vi.getTimerCount()).toBe(0);
});

test('an unreachable database is logged and throws nothing', async () => {
  const { deliveryMarks, log } = start({ error: new Error('unreachable') });
  deliveryMarks.add(delivery(1));
  await deliveryMarks.close();
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
  return { deliveryMarks: createDeliveryMarks({ db, log, maxBatch }), batches, log };
}

function delivery(number: number): Delivery {
  return { jobId: `job-${number}`, delivery: 1 };
}
