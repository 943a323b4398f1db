import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import { StorageUnavailable } from '@darkroom/core/storage/storage';
import type { Cleaning } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import { expect, test, vi } from 'vitest';
import { createReachability } from '../../log/reachability.ts';
import { createCollect } from './remove.ts';

const nothing: Cleaning = { keys: [], userIds: [], orphans: null };

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
    takeCleaning: vi.fn(async () => nothing),
    confirmRemoved: vi.fn(async (_: { keys: readonly string[] }) => {}),
    continueErasure: vi.fn(async () => true),
    findOrphans: vi.fn(async ({ objects }: { objects: readonly { key: string }[] }) =>
      objects.map(({ key }) => key).filter((key) => key.includes('orphan')),
    ),
    endOrphanTurn: vi.fn(async () => {}),
  };
  const log = createRecordedLog();
  const stopping = new AbortController();
  const database = createReachability(log, 'database');
  const collect = createCollect({ db, storage, database, log, signal: stopping.signal });
  return { bucket, storage, db, log, stopping, collect };
}

const names = (log: ReturnType<typeof createRecordedLog>) => log.told.map(({ name }) => name);

test('a pass with nothing to do asks the store nothing', async () => {
  const { collect, storage, log } = setUp(['users/a/uploads/orphan.png']);
  await collect();
  expect(storage.list).not.toHaveBeenCalled();
  expect(log.told).toEqual([]);
});

test('the objects of deleted images are removed, and only those that are gone are confirmed', async () => {
  const { collect, db, bucket, storage, log } = setUp(['a', 'b', 'c']);
  db.takeCleaning.mockResolvedValueOnce({ ...nothing, keys: ['a', 'b'] });
  storage.delete.mockImplementation(async (key) => {
    if (key === 'b') throw new StorageUnavailable('away');
    bucket.delete(key);
  });
  await collect();
  expect(db.confirmRemoved).toHaveBeenCalledExactlyOnceWith({ keys: ['a'] });
  expect([...bucket]).toEqual(['b', 'c']);
  expect(names(log)).toEqual(['storage_unavailable', 'objects_removed']);
});

test("a deleted account's folder is emptied, and nobody else's is touched", async () => {
  const own = Array.from({ length: 2_500 }, (_, at) => `users/ada/x/${at}`);
  const others = ['users/ad', 'users/ada2/a.png', 'users/boris/a.png'];
  const { collect, db, bucket } = setUp([...own, ...others]);
  db.takeCleaning.mockResolvedValueOnce({ ...nothing, userIds: ['ada'] });
  await collect();
  expect([...bucket].sort()).toEqual(others);
  expect(db.continueErasure).toHaveBeenCalledExactlyOnceWith({ userId: 'ada', objectsLeft: false });
});

test('a folder that could not be emptied is said to hold more', async () => {
  const { collect, db, storage } = setUp(['users/ada/a']);
  db.takeCleaning.mockResolvedValueOnce({ ...nothing, userIds: ['ada'] });
  storage.delete.mockRejectedValue(new StorageUnavailable('away'));
  await collect();
  expect(db.continueErasure).toHaveBeenCalledExactlyOnceWith({ userId: 'ada', objectsLeft: true });
});

test('a turn looks at a bounded number of objects and says where the next one goes on', async () => {
  const keys = Array.from({ length: 10_700 }, (_, at) => `users/u/${String(at).padStart(5, '0')}`);
  const { collect, db, bucket, log } = setUp([
    ...keys,
    'users/u/00007-orphan',
    'users/u/10600-orphan',
    'other/orphan',
  ]);
  db.takeCleaning.mockResolvedValueOnce({ ...nothing, orphans: { after: null } });
  await collect();
  expect(db.endOrphanTurn).toHaveBeenLastCalledWith({ after: 'users/u/09998' });
  expect(bucket.has('users/u/00007-orphan')).toBe(false);

  db.takeCleaning.mockResolvedValueOnce({ ...nothing, orphans: { after: 'users/u/09998' } });
  await collect();
  expect(db.endOrphanTurn).toHaveBeenLastCalledWith({ after: null });
  expect([...bucket].filter((key) => key.includes('orphan'))).toEqual(['other/orphan']);
  expect(names(log)).toEqual(['orphans_removed', 'orphans_removed']);
});

test('a store that is away ends the turn, and its end is not noted', async () => {
  const { collect, db, storage, log } = setUp();
  db.takeCleaning.mockResolvedValueOnce({ ...nothing, orphans: { after: null } });
  storage.list.mockRejectedValueOnce(new StorageUnavailable('away'));
  await collect();
  expect(db.endOrphanTurn).not.toHaveBeenCalled();
  expect(names(log)).toEqual(['storage_unavailable']);
});

test('a database that is away is said once, and the loop goes on', async () => {
  const { collect, db, log } = setUp();
  db.takeCleaning.mockRejectedValue(new DatabaseUnavailable('away'));
  await collect();
  await collect();
  expect(names(log)).toEqual(['database_unavailable']);
});

test('a process that stops begins nothing more', async () => {
  const { collect, db, stopping, storage } = setUp(['users/ada/a']);
  db.takeCleaning.mockImplementationOnce(async () => {
    stopping.abort();
    return { keys: ['a'], userIds: ['ada'], orphans: { after: null } };
  });
  await collect();
  expect(storage.delete).not.toHaveBeenCalled();
  expect(db.endOrphanTurn).not.toHaveBeenCalled();
});
