import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import { StorageUnavailable } from '@darkroom/core/storage/storage';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import type { Removals } from '@darkroom/db/removal/removal';
import { expect, test, vi } from 'vitest';
import { trackDependency } from '../../health/dependency.ts';
import { createRemovalPass } from './removal.ts';

const nothing: Removals = { keys: [], userIds: [], orphans: null };

function setUp(keys: string[] = []) {
  const bucket = new Set(keys);
  const storage = {
    list: vi.fn(
      async (
        prefix: string,
        { after = null, limit = 1_000 }: { after?: string | null; limit?: number } = {},
      ) => {
        const all = [...bucket]
          .sort()
          .filter((key) => key.startsWith(prefix) && (after === null || key > after));
        const objects = all.slice(0, limit).map((key) => ({ key, size: 1, modifiedAt: new Date(0) }));
        return { objects, next: all.length > limit ? objects.at(-1)!.key : null };
      },
    ),
    delete: vi.fn(async (key: string) => void bucket.delete(key)),
  };
  const db = {
    claimRemovals: vi.fn(async () => nothing),
    confirmRemoved: vi.fn(async (_: { keys: readonly string[] }) => {}),
    continueErasure: vi.fn(async () => true),
    findOrphans: vi.fn(async ({ objects }: { objects: readonly { key: string }[] }) =>
      objects.map(({ key }) => key).filter((key) => key.includes('orphan')),
    ),
    endOrphanTurn: vi.fn(async () => {}),
  };
  const log = createRecordedLog();
  const stopping = new AbortController();
  const database = trackDependency(log, 'database');
  const pass = createRemovalPass({ db, storage, database, log, signal: stopping.signal });
  return { bucket, storage, db, log, stopping, pass };
}

const names = (log: ReturnType<typeof createRecordedLog>) => log.told.map(({ name }) => name);

test('a pass without work makes no request to the store', async () => {
  const { pass, storage, log } = setUp(['users/a/uploads/orphan.png']);
  await pass();
  expect(storage.list).not.toHaveBeenCalled();
  expect(log.told).toEqual([]);
});

test('objects of deleted images are removed, and only removed ones are confirmed', async () => {
  const { pass, db, bucket, storage, log } = setUp(['a', 'b', 'c']);
  db.claimRemovals.mockResolvedValueOnce({ ...nothing, keys: ['a', 'b'] });
  storage.delete.mockImplementation(async (key) => {
    if (key === 'b') throw new StorageUnavailable('away');
    bucket.delete(key);
  });
  await pass();
  expect(db.confirmRemoved).toHaveBeenCalledExactlyOnceWith({ keys: ['a'] });
  expect([...bucket]).toEqual(['b', 'c']);
  expect(names(log)).toEqual(['storage_unavailable', 'objects_removed']);
});

test("a deleted account's objects are removed, and no other user's", async () => {
  const own = Array.from({ length: 2_500 }, (_, at) => `users/ada/x/${at}`);
  const others = ['users/ad', 'users/ada2/a.png', 'users/boris/a.png'];
  const { pass, db, bucket } = setUp([...own, ...others]);
  db.claimRemovals.mockResolvedValueOnce({ ...nothing, userIds: ['ada'] });
  await pass();
  expect([...bucket].sort()).toEqual(others);
  expect(db.continueErasure).toHaveBeenCalledExactlyOnceWith({ userId: 'ada', objectsLeft: false });
});

test('an erasure that could not remove every object continues later', async () => {
  const { pass, db, storage } = setUp(['users/ada/a']);
  db.claimRemovals.mockResolvedValueOnce({ ...nothing, userIds: ['ada'] });
  storage.delete.mockRejectedValue(new StorageUnavailable('away'));
  await pass();
  expect(db.continueErasure).toHaveBeenCalledExactlyOnceWith({ userId: 'ada', objectsLeft: true });
});

test('a scan covers a bounded number of objects and stores where the next one starts', async () => {
  const keys = Array.from({ length: 10_700 }, (_, at) => `users/u/${String(at).padStart(5, '0')}`);
  const { pass, db, bucket, log } = setUp([
    ...keys,
    'users/u/00007-orphan',
    'users/u/10600-orphan',
    'other/orphan',
  ]);
  db.claimRemovals.mockResolvedValueOnce({ ...nothing, orphans: { after: null } });
  await pass();
  expect(db.endOrphanTurn).toHaveBeenLastCalledWith({ after: 'users/u/09998' });
  expect(bucket.has('users/u/00007-orphan')).toBe(false);

  db.claimRemovals.mockResolvedValueOnce({ ...nothing, orphans: { after: 'users/u/09998' } });
  await pass();
  expect(db.endOrphanTurn).toHaveBeenLastCalledWith({ after: null });
  expect([...bucket].filter((key) => key.includes('orphan'))).toEqual(['other/orphan']);
  expect(names(log)).toEqual(['orphans_removed', 'orphans_removed']);
});

test('an unavailable store ends the scan, and no position is stored', async () => {
  const { pass, db, storage, log } = setUp();
  db.claimRemovals.mockResolvedValueOnce({ ...nothing, orphans: { after: null } });
  storage.list.mockRejectedValueOnce(new StorageUnavailable('away'));
  await pass();
  expect(db.endOrphanTurn).not.toHaveBeenCalled();
  expect(names(log)).toEqual(['storage_unavailable']);
});

test('an unavailable database is logged once', async () => {
  const { pass, db, log } = setUp();
  db.claimRemovals.mockRejectedValue(new DatabaseUnavailable('away'));
  await pass();
  await pass();
  expect(names(log)).toEqual(['database_unavailable']);
});

test('a stopping process starts no further removal', async () => {
  const { pass, db, stopping, storage } = setUp(['users/ada/a']);
  db.claimRemovals.mockImplementationOnce(async () => {
    stopping.abort();
    return { keys: ['a'], userIds: ['ada'], orphans: { after: null } };
  });
  await pass();
  expect(storage.delete).not.toHaveBeenCalled();
  expect(db.endOrphanTurn).not.toHaveBeenCalled();
});
