import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import type { Database } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { trackDependency } from '../health/dependency.ts';
import { createActiveRuns } from '../run/active-runs.ts';
import { aClaim, aJob } from '../run/claim.fixture.ts';
import { createLease } from './lease.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Heartbeat = Database['heartbeat'];
const renewed = { leaseMs: 30_000, lost: [] };
const away = () => Promise.reject(new DatabaseUnavailable('away'));

function setUp(heartbeat: Heartbeat) {
  const db = { heartbeat: vi.fn(heartbeat), endWorker: vi.fn(async () => {}) };
  const now = () => performance.now();
  const runs = createActiveRuns({ now });
  let made = 0;
  const newWorkerId = () => `w${++made}`;
  const log = createRecordedLog();
  const lease = createLease({
    db,
    runs,
    database: trackDependency(log, 'database'),
    log,
    now,
    newWorkerId,
  });
  const begin = (id: string) => runs.begin(aClaim({ job: aJob({ id }) }), { deadlineAt: now() + 600_000 });
  return { db, runs, log, lease, begin };
}

const reasonOf = (run: { signal: AbortSignal }) => run.signal.reason?.reason;

test('a heartbeat every five seconds reports all running jobs', async () => {
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

test('a run reported as lost is stopped, the others continue', async () => {
  const { lease, begin } = setUp(async () => ({ leaseMs: 30_000, lost: [{ jobId: 'a', attempt: 1 }] }));
  const lost = begin('a');
  const ours = begin('b');
  lease.start();
  await vi.advanceTimersByTimeAsync(0);
  expect([reasonOf(lost), reasonOf(ours)]).toEqual(['lost', undefined]);
});

test('a lost older attempt does not stop the current one', async () => {
  const { lease, begin } = setUp(async () => ({ leaseMs: 30_000, lost: [{ jobId: 'a', attempt: 0 }] }));
  const run = begin('a');
  lease.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(run.signal.aborted).toBe(false);
});

test('runs are stopped before a lease that cannot be renewed expires', async () => {
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

test('the lease counts from when its heartbeat was sent, however slow the answer', async () => {
  const { lease } = setUp(() => new Promise((resolve) => setTimeout(() => resolve(renewed), 4_000)));
  lease.start();
  await vi.advanceTimersByTimeAsync(4_000);
  expect(lease.held).toBe(true);
  vi.spyOn(performance, 'now').mockReturnValue(25_000);
  expect(lease.held).toBe(false);
});

test('after a lost lease the worker continues under a new id', async () => {
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

test('a late answer to a heartbeat does not restore a lost lease', async () => {
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

test('a heartbeat that hangs does not block the next', async () => {
  const { db, lease } = setUp(async () => renewed);
  db.heartbeat.mockImplementationOnce(() => new Promise(() => {}));
  lease.start();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(lease.held).toBe(true);
});

test('waiting for the lease ends when it is held or when the timeout passes', async () => {
  const { db, lease } = setUp(away);
  lease.start();
  const short = lease.whenHeld({ timeoutMs: 1_000 });
  const long = lease.whenHeld({ timeoutMs: 10_000 });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await short).toBe(false);
  db.heartbeat.mockImplementation(async () => renewed);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(await long).toBe(true);
});

test('stopping ends the lease once and waits no longer than the timeout', async () => {
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
