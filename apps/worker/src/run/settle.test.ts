import type { FailureCode } from '@darkroom/core/job/failure';
import type { ModelCall, Outcome, StoredImage } from '@darkroom/core/job/outcome';
import { QueueUnavailable, type ScheduledDelivery } from '@darkroom/core/queue/queue';
import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import { StorageUnavailable } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createActiveRuns } from './active-runs.ts';
import { aClaim } from './claim.fixture.ts';
import { createSettle } from './settle.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const calls: ModelCall[] = [{ call: 1, attempt: 1, model: 'first', code: 'ok', ms: 900 }];
const delivery: ScheduledDelivery = { jobId: aClaim().job.id, delivery: 2, priority: 1, delayMs: 4_000 };
const ref = { jobId: aClaim().job.id, attempt: 1 };
const image: StoredImage = {
  object_key: 'image',
  image_url: 'https://cdn.example/image',
  thumbnail_key: 'thumbnail',
  thumbnail_url: 'https://cdn.example/thumbnail',
  width: 4,
  height: 3,
  mime_type: 'image/png',
  sha256: 'abc',
  model: 'second',
};

const failure = (code: FailureCode) => ({ code, cause: 'said the service' });
const outcomes = {
  succeeded: { kind: 'succeeded', image, calls },
  failed: { kind: 'failed', failure: failure('content_blocked'), calls },
  retryable: { kind: 'retryable', failure: failure('no_image'), delayMs: 4_000, counts: true, calls },
  interrupted: { kind: 'interrupted', calls },
  lost: { kind: 'lost' },
} as const satisfies Record<Outcome['kind'], Outcome>;

function setUp({ servedPrice = 2 } = {}) {
  const now = () => performance.now();
  const db = {
    completeJob: vi.fn<Database['completeJob']>(async () => true),
    failJob: vi.fn<Database['failJob']>(async () => true),
    retryJob: vi.fn<Database['retryJob']>(async () => ({ kind: 'retried', delivery })),
    releaseJob: vi.fn<Database['releaseJob']>(async () => delivery),
    markDelivered: vi.fn(async () => {}),
  };
  const queue = { enqueue: vi.fn(async () => {}) };
  const storage = { delete: vi.fn(async () => {}) };
  const exiting = new AbortController();
  const run = createActiveRuns({ now }).begin(aClaim(), { deadlineAt: now() + 600_000 });
  run.objects.push('image', 'thumbnail');
  const priceOf = () => servedPrice;
  const log = createRecordedLog();
  const settle = createSettle({ db, queue, storage, priceOf, log, now, signal: exiting.signal });
  return { db, queue, storage, exiting, run, log, settle: (outcome: Outcome) => settle(run, outcome) };
}

type Parts = ReturnType<typeof setUp>;
const written = ({ db }: Parts) =>
  [db.completeJob, db.failJob, db.retryJob, db.releaseJob].filter((write) => write.mock.calls.length > 0);

test('success completes the job at the price of the model that served it', async () => {
  const parts = setUp();
  await parts.settle(outcomes.succeeded);
  expect(parts.db.completeJob).toHaveBeenCalledExactlyOnceWith({ ...ref, image, servedPrice: 2, calls });
  expect(written(parts)).toHaveLength(1);
  expect(parts.storage.delete).not.toHaveBeenCalled();
});

test('a more expensive fallback model is never charged above the quote', async () => {
  const parts = setUp({ servedPrice: 50 });
  await parts.settle(outcomes.succeeded);
  expect(parts.db.completeJob).toHaveBeenCalledWith(expect.objectContaining({ servedPrice: 3 }));
});

test('a failure is written with a message for the user and a cause for operators', async () => {
  const parts = setUp();
  await parts.settle(outcomes.failed);
  expect(parts.db.failJob).toHaveBeenCalledExactlyOnceWith({
    ...ref,
    code: 'content_blocked',
    cause: 'said the service',
    calls,
  });
  expect(written(parts)).toHaveLength(1);
});

test('a retryable job is put back, enqueued and marked as delivered', async () => {
  const parts = setUp();
  await parts.settle(outcomes.retryable);
  const again = { code: 'no_image', cause: 'said the service', delayMs: 4_000, counts: true };
  expect(parts.db.retryJob).toHaveBeenCalledExactlyOnceWith({ ...ref, ...again, calls });
  expect(parts.queue.enqueue).toHaveBeenCalledExactlyOnceWith([delivery]);
  expect(parts.db.markDelivered).toHaveBeenCalledExactlyOnceWith([delivery]);
  expect(written(parts)).toHaveLength(1);
});

test('a job whose retry would be past its deadline is not enqueued', async () => {
  const parts = setUp();
  parts.db.retryJob.mockResolvedValue({ kind: 'failed' });
  await parts.settle(outcomes.retryable);
  expect(parts.queue.enqueue).not.toHaveBeenCalled();
  expect(parts.log.told).toMatchObject([{ name: 'job_failed' }]);
});

test('an interrupted job is handed back and enqueued at once', async () => {
  const parts = setUp();
  await parts.settle(outcomes.interrupted);
  expect(parts.db.releaseJob).toHaveBeenCalledExactlyOnceWith({ ...ref, calls });
  expect(parts.queue.enqueue).toHaveBeenCalledExactlyOnceWith([delivery]);
  expect(written(parts)).toHaveLength(1);
});

test('a delivery that the queue does not take is left to the sweep', async () => {
  const parts = setUp();
  parts.queue.enqueue.mockRejectedValue(new QueueUnavailable('away'));
  await parts.settle(outcomes.retryable);
  expect(parts.db.markDelivered).not.toHaveBeenCalled();
});

test('for a lost job nothing is written, and the objects of this attempt are removed', async () => {
  const parts = setUp();
  await parts.settle(outcomes.lost);
  expect(written(parts)).toHaveLength(0);
  expect(parts.storage.delete.mock.calls).toEqual([['image'], ['thumbnail']]);
});

test.each(['succeeded', 'failed', 'retryable', 'interrupted'] as const)(
  'a %s job whose claim was lost is not enqueued, and its objects are removed',
  async (kind) => {
    const parts = setUp();
    parts.db.completeJob.mockResolvedValue(false);
    parts.db.failJob.mockResolvedValue(false);
    parts.db.retryJob.mockResolvedValue({ kind: 'lost' });
    parts.db.releaseJob.mockResolvedValue(null);
    await parts.settle(outcomes[kind]);
    expect(parts.queue.enqueue).not.toHaveBeenCalled();
    expect(parts.storage.delete).toHaveBeenCalledTimes(2);
    expect(parts.log.told).toMatchObject([{ name: 'job_lost' }]);
  },
);

test('while the database is unavailable the outcome is kept, and written when it is back', async () => {
  const parts = setUp();
  parts.db.completeJob.mockRejectedValue(new DatabaseUnavailable('away'));
  const settled = parts.settle(outcomes.succeeded);
  await vi.advanceTimersByTimeAsync(120_000);
  // A lease lost meanwhile does not matter: the database refuses the write if the claim was taken over.
  parts.run.stop('lost');
  parts.db.completeJob.mockResolvedValue(true);
  await vi.advanceTimersByTimeAsync(10_000);
  await settled;
  expect(parts.storage.delete).not.toHaveBeenCalled();
});

test('an outcome that cannot be written keeps its objects: only the answer may have been lost', async () => {
  const parts = setUp();
  parts.db.completeJob.mockRejectedValue(new DatabaseUnavailable('away'));
  const settled = parts.settle(outcomes.succeeded);
  const refused = expect(settled).rejects.toThrow(DatabaseUnavailable);
  await vi.advanceTimersByTimeAsync(700_000);
  await refused;
  expect(parts.storage.delete).not.toHaveBeenCalled();
});

test('a process that must exit stops retrying the write', async () => {
  const parts = setUp();
  parts.db.failJob.mockRejectedValue(new DatabaseUnavailable('away'));
  const refused = expect(parts.settle(outcomes.failed)).rejects.toThrow();
  await vi.advanceTimersByTimeAsync(1_000);
  parts.exiting.abort();
  await refused;
});

test('objects that cannot be removed are left to the orphan scan', async () => {
  const parts = setUp();
  parts.storage.delete.mockRejectedValue(new StorageUnavailable('away'));
  const settled = parts.settle(outcomes.lost);
  await vi.advanceTimersByTimeAsync(20_000);
  await settled;
  expect(parts.log.told).toContainEqual({ name: 'storage_unavailable', fields: expect.anything() });
});
