import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import type { Database } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createReachability } from '../log/reachability.ts';
import { aClaim, aJob } from '../run/claim.fixture.ts';
import { createRuns } from '../run/runs.ts';
import { createLease } from './heartbeat.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Heartbeat = Database['heartbeat'];
const renewed = { leaseMs: 30_000, lost: [] };
const away = () => Promise.reject(new DatabaseUnavailable('away'));

function setUp(heartbeat: Heartbeat) {
  const db = { heartbeat: vi.fn(heartbeat), endWorker: vi.fn(async () => {}) };
  const now = () => performance.now();
  const runs = createRuns({ now });
  let made = 0;
  const newWorkerId = () => `w${++made}`;
  const log = createRecordedLog();
  const lease = createLease({
    db,
    runs,
    database: createReachability(log, 'database'),
    log,
    now,
    newWorkerId,
  });
  const begin = (id: string) => runs.begin(aClaim({ job: aJob({ id }) }), { deadlineAt: now() + 600_000 });
  return { db, runs, log, lease, begin };
}

const reasonOf = (run: { signal: AbortSignal }) => run.signal.reason?.reason;

test('one heartbeat every five seconds carries all running jobs', async () => {
  const { db, lease, begin } = setUp(async () => renewed);
  begin('a');
  begin('b');
  lease.start();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(db.heartbeat).toHaveBeenCalledTimes(3);
  expect(db.heartbeat).toHaveBeenLastCalledWith({
    workerId: 'w1',
    jobs: [
      { jobId: 'a', attempt: 1 },
      { jobId: 'b', attempt: 1 },
    ],
  });
});

test('a job that is no longer ours is stopped, the others go on', async () => {
  const { lease, begin } = setUp(async () => ({ leaseMs: 30_000, lost: [{ jobId: 'a', attempt: 1 }] }));
  const lost = begin('a');
  const ours = begin('b');
  lease.start();
  await vi.advanceTimersByTimeAsync(0);
  expect([reasonOf(lost), reasonOf(ours)]).toEqual(['lost', undefined]);
});

test('word of an older attempt does not stop the present one', async () => {
  const { lease, begin } = setUp(async () => ({ leaseMs: 30_000, lost: [{ jobId: 'a', attempt: 0 }] }));
  const run = begin('a');
  lease.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(run.signal.aborted).toBe(false);
});

test('runs are stopped before a lease that cannot be renewed is over', async () => {
  const { db, lease, begin } = setUp(async () => renewed);
  lease.start();
  await vi.advanceTimersByTimeAsync(0);
  const run = begin('a');
  db.heartbeat.mockImplementation(away);

  await vi.advanceTimersByTimeAsync(24_999);
  expect(run.signal.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(reasonOf(run)).toBe('lost');
  expect(lease.held).toBe(false);
});

test('the lease counts from before its heartbeat was sent, however slow the answer', async () => {
  const { lease } = setUp(() => new Promise((resolve) => setTimeout(() => resolve(renewed), 4_000)));
  lease.start();
  await vi.advanceTimersByTimeAsync(4_000);
  expect(lease.held).toBe(true);
  vi.spyOn(performance, 'now').mockReturnValue(25_000);
  expect(lease.held).toBe(false);
});

test('after a lost lease the worker goes on under a new id', async () => {
  const { db, lease, log } = setUp(async () => renewed);
  lease.start();
  await vi.advanceTimersByTimeAsync(0);
  db.heartbeat.mockImplementation(away);
  await vi.advanceTimersByTimeAsync(26_000);
  db.heartbeat.mockImplementation(async () => renewed);
  await vi.advanceTimersByTimeAsync(5_000);

  expect(lease.workerId).toBe('w2');
  expect(lease.held).toBe(true);
  expect(log.told.map(({ name }) => name)).toEqual([
    'database_unavailable',
    'lease_lost',
    'database_recovered',
  ]);
});

test('an answer to a heartbeat of a lease given up does not bring it back', async () => {
  const answers: (() => void)[] = [];
  const { db, lease } = setUp(async () => renewed);
  lease.start();
  await vi.advanceTimersByTimeAsync(0);
  db.heartbeat.mockImplementation(() => new Promise((resolve) => answers.push(() => resolve(renewed))));
  await vi.advanceTimersByTimeAsync(25_000);
  for (const answer of answers) answer();
  await vi.advanceTimersByTimeAsync(0);
  expect(lease.held).toBe(false);
});

test('a heartbeat that hangs does not keep the next from being sent', async () => {
  const { db, lease } = setUp(async () => renewed);
  db.heartbeat.mockImplementationOnce(() => new Promise(() => {}));
  lease.start();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(lease.held).toBe(true);
});

test('whoever waits for the lease is told when it is held, or when the patience ends', async () => {
  const { db, lease } = setUp(away);
  lease.start();
  const impatient = lease.whenHeld({ timeoutMs: 1_000 });
  const patient = lease.whenHeld({ timeoutMs: 10_000 });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await impatient).toBe(false);
  db.heartbeat.mockImplementation(async () => renewed);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(await patient).toBe(true);
});

test('stopping gives the lease up, once, and waits no longer than it may', async () => {
  const { db, lease } = setUp(async () => renewed);
  lease.start();
  await vi.advanceTimersByTimeAsync(0);
  db.endWorker.mockImplementation(() => new Promise(() => {}));
  const stopped = Promise.all([lease.stop({ timeoutMs: 500 }), lease.stop({ timeoutMs: 500 })]);
  await vi.advanceTimersByTimeAsync(500);
  await stopped;
  expect(db.endWorker).toHaveBeenCalledExactlyOnceWith({ workerId: 'w1' });
  expect(lease.held).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});
