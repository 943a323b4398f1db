import { type Delivery, QueueUnavailable, type ScheduledDelivery } from '@darkroom/core/queue/queue';
import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import type { SweepResult } from '@darkroom/db/sweep/sweep';
import { expect, test, vi } from 'vitest';
import { trackDependency } from '../../health/dependency.ts';
import { createSweepPass } from './sweep.ts';

const nothing: SweepResult = { due: [], overdue: 0, crashed: 0, lapsed: 0 };
const order = (jobId: string): ScheduledDelivery => ({ jobId, delivery: 1, priority: 1, delayMs: 0 });
const orders = (count: number) => Array.from({ length: count }, (_, at) => order(`job-${at}`));

function setUp() {
  const db = {
    sweep: vi.fn(async () => nothing),
    cancelDue: vi.fn(async (): Promise<{ jobId: string; userId: string }[]> => []),
    markDelivered: vi.fn(async () => {}),
    markUndelivered: vi.fn(async () => {}),
    listDelivered: vi.fn(async (): Promise<Delivery[]> => []),
    adoptQueueEpoch: vi.fn(async () => false),
  };
  const queue = {
    enqueue: vi.fn(async () => {}),
    findMissing: vi.fn(async (): Promise<Delivery[]> => []),
    epoch: vi.fn(async () => 'epoch-1'),
  };
  const log = createRecordedLog();
  const stopping = new AbortController();
  const database = trackDependency(log, 'database');
  const sweep = createSweepPass({ db, queue, database, log, signal: stopping.signal });
  return { db, queue, log, stopping, sweep };
}

const away = () => Promise.reject(new QueueUnavailable('away'));
const named = (log: ReturnType<typeof createRecordedLog>) => log.told.map(({ name }) => name);

test('due jobs are enqueued and then marked as delivered', async () => {
  const { db, queue, sweep } = setUp();
  const due = [order('a')];
  db.sweep.mockResolvedValueOnce({ ...nothing, due });
  await sweep();
  expect(queue.enqueue).toHaveBeenCalledExactlyOnceWith(due, expect.anything());
  expect(db.markDelivered).toHaveBeenCalledExactlyOnceWith(due);
});

test('jobs past their Cancel-After are canceled until none is left, and logged', async () => {
  const { db, log, sweep } = setUp();
  db.cancelDue.mockResolvedValueOnce([{ jobId: 'a', userId: 'u' }]);
  await sweep();
  expect(db.cancelDue).toHaveBeenCalledTimes(2);
  expect(named(log)).toContain('job_canceled');
});

test('a job that the queue did not take is not marked', async () => {
  const { db, queue, sweep } = setUp();
  db.sweep.mockResolvedValueOnce({ ...nothing, due: [order('a')] });
  queue.enqueue.mockImplementation(away);
  await sweep();
  expect(db.markDelivered).not.toHaveBeenCalled();
});

test('a full batch is followed by another, up to twenty in a pass', async () => {
  const { db, sweep } = setUp();
  db.sweep.mockResolvedValueOnce({ ...nothing, due: orders(500) });
  await sweep();
  expect(db.sweep).toHaveBeenCalledTimes(2);

  db.sweep.mockClear().mockResolvedValue({ ...nothing, due: orders(500) });
  await sweep();
  expect(db.sweep).toHaveBeenCalledTimes(20);
});

test('deadlines are enforced while the queue is unavailable, which is logged once', async () => {
  const { db, queue, log, sweep } = setUp();
  queue.epoch.mockImplementation(away);
  db.sweep.mockResolvedValueOnce({ ...nothing, overdue: 100, due: [order('a')] });
  await sweep();
  await sweep();
  expect(db.sweep).toHaveBeenCalledTimes(3);
  expect(queue.enqueue).not.toHaveBeenCalled();
  expect(named(log)).toEqual(['queue_unavailable', 'sweep_finished']);

  queue.epoch.mockResolvedValue('epoch-1');
  await sweep();
  expect(named(log)).toContain('queue_recovered');
});

test('a pass without the database does not throw, and the outage is logged once', async () => {
  const { db, log, sweep } = setUp();
  db.sweep.mockRejectedValue(new DatabaseUnavailable('away'));
  await sweep();
  await sweep();
  expect(named(log)).toEqual(['database_unavailable']);
});

test('the epoch of the queue is adopted before anything is enqueued', async () => {
  const { db, log, sweep } = setUp();
  db.adoptQueueEpoch.mockImplementation(async () => {
    expect(db.sweep).not.toHaveBeenCalled();
    return true;
  });
  await sweep();
  expect(db.adoptQueueEpoch).toHaveBeenCalledExactlyOnceWith({ epoch: 'epoch-1' });
  expect(named(log)).toContain('queue_emptied');
});

test('deliveries that the queue lost are marked undelivered, the others are checked again last', async () => {
  const { db, queue, sweep } = setUp();
  const [lost, kept] = [
    { jobId: 'a', delivery: 1 },
    { jobId: 'b', delivery: 4 },
  ];
  db.listDelivered.mockResolvedValueOnce([lost, kept]);
  queue.findMissing.mockResolvedValueOnce([lost]);
  await sweep();
  expect(db.markUndelivered).toHaveBeenCalledExactlyOnceWith([lost]);
  expect(db.markDelivered).toHaveBeenCalledExactlyOnceWith([kept]);
});

test('a stopping worker starts no further batch', async () => {
  const { db, stopping, sweep } = setUp();
  db.sweep.mockImplementation(async () => {
    stopping.abort();
    return { ...nothing, due: orders(500) };
  });
  await sweep();
  expect(db.sweep).toHaveBeenCalledTimes(1);
  expect(db.listDelivered).not.toHaveBeenCalled();
});
