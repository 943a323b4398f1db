import type { ImageModel } from '@darkroom/core/models/model';
import type { Handler, Queue, ScheduledDelivery } from '@darkroom/core/queue/queue';
import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import type { Storage } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aClaim } from './run/claim.fixture.ts';
import { createWorker } from './worker.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const delivery: ScheduledDelivery = { jobId: aClaim().job.id, delivery: 2, priority: 1, delayMs: 0 };
const hanging: ImageModel['generate'] = (_request, { signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
const refusing: ImageModel['generate'] = (_request, { signal }) =>
  new Promise((resolve, reject) => {
    setTimeout(() => resolve({ ok: false, failure: { code: 'content_blocked', cause: 'refused' } }), 5_000);
    signal.addEventListener('abort', () => reject(signal.reason));
  });

function setUp(generate: ImageModel['generate']) {
  const db = {
    heartbeat: vi.fn(async () => ({ leaseMs: 30_000, lost: [] })),
    endWorker: vi.fn(async () => {}),
    claimJob: vi.fn(async () => ({ kind: 'claimed', claim: aClaim() })),
    reportProgress: vi.fn(async () => []),
    beginModelCall: vi.fn(async () => ({ call: 1 })),
    failJob: vi.fn(async () => true),
    releaseJob: vi.fn(async () => delivery),
    sweep: vi.fn(async () => ({ due: [], overdue: 0, crashed: 0, lapsed: 0 })),
    listDelivered: vi.fn(async () => []),
    adoptQueueEpoch: vi.fn(async () => false),
    markDelivered: vi.fn(async () => {}),
  };
  const queue = {
    enqueue: vi.fn(async () => {}),
    findMissing: vi.fn(async () => []),
    epoch: vi.fn(async () => 'e'),
  };
  const consumer = { start: vi.fn(), drain: vi.fn(async () => {}), close: vi.fn(async () => {}) };
  let handler: Handler | undefined;
  const worker = createWorker({
    db: db as unknown as Database,
    queue: queue as unknown as Queue,
    storage: { delete: vi.fn(async () => {}) } as unknown as Storage,
    model: { generate },
    decode: (decoding) => decoding(),
    openConsumer(taken) {
      handler = taken;
      return consumer;
    },
    settings: {
      models: ['first'],
      creditCosts: new Map(),
      maxAttempts: 3,
      maxModelCalls: 8,
      modelTimeoutMs: 120_000,
    },
    log: createRecordedLog(),
    now: () => performance.now(),
    random: () => 0,
    newWorkerId: () => 'w1',
    randomName: () => 'word',
  });
  const deliver = () => handler?.({ jobId: delivery.jobId, delivery: 1 }, new AbortController().signal);
  return { db, queue, consumer, worker, deliver };
}

const shutdown = { graceMs: 30_000, settleMs: 5_000 };

test('a worker is ready while it holds its lease and is not stopping', async () => {
  const { worker, consumer } = setUp(hanging);
  expect(worker.ready).toBe(false);
  await worker.start({ waitMs: 1_000 });
  expect(worker.ready).toBe(true);
  expect(consumer.start).toHaveBeenCalled();
  const stopped = worker.stop(shutdown);
  expect(worker.ready).toBe(false);
  await vi.advanceTimersByTimeAsync(0);
  await stopped;
  expect(vi.getTimerCount()).toBe(0);
});

test('a job that ends within the grace is settled, and the worker stops immediately', async () => {
  const { worker, db, consumer, deliver } = setUp(refusing);
  await worker.start({ waitMs: 1_000 });
  const handled = deliver();
  const stopped = worker.stop(shutdown);
  expect(consumer.drain).toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(5_000);
  await Promise.all([handled, stopped]);
  expect(db.failJob).toHaveBeenCalledTimes(1);
  expect(db.releaseJob).not.toHaveBeenCalled();
  expect(db.endWorker).toHaveBeenCalledTimes(1);
});

test('a job that does not end within the grace is handed back and enqueued immediately', async () => {
  const { worker, db, queue, deliver } = setUp(hanging);
  await worker.start({ waitMs: 1_000 });
  const handled = deliver();
  const stopped = worker.stop(shutdown);
  await vi.advanceTimersByTimeAsync(24_999);
  expect(db.releaseJob).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await Promise.all([handled, stopped]);
  expect(db.releaseJob).toHaveBeenCalledTimes(1);
  expect(queue.enqueue).toHaveBeenCalledWith([delivery]);
});

test('a worker stops in time even if no service can be reached', async () => {
  const { worker, db, consumer, deliver } = setUp(hanging);
  await worker.start({ waitMs: 1_000 });
  const never = () => new Promise<never>(() => {});
  void deliver();
  db.releaseJob.mockImplementation(never);
  db.endWorker.mockImplementation(never);
  consumer.drain.mockImplementation(never);
  const stopped = worker.stop(shutdown);
  await vi.advanceTimersByTimeAsync(31_500);
  await stopped;
});

test('stopping twice is harmless', async () => {
  const { worker, db } = setUp(hanging);
  await worker.start({ waitMs: 1_000 });
  const both = Promise.all([worker.stop(shutdown), worker.stop(shutdown)]);
  await vi.advanceTimersByTimeAsync(0);
  await both;
  expect(db.endWorker).toHaveBeenCalledTimes(1);
});
