import type { Log } from '@darkroom/core/runtime/log/log';
import { userFolder } from '@darkroom/core/storage/keys';
import { removeAll } from '@darkroom/core/storage/remove-all';
import { type Storage, StorageUnavailable } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import type { Reachability } from '../../log/reachability.ts';
import { createOrphanTurn } from './orphans.ts';

export interface CollectDeps {
  db: Pick<Database, 'takeCleaning' | 'confirmRemoved' | 'continueErasure' | 'findOrphans' | 'endOrphanTurn'>;
  storage: Pick<Storage, 'list' | 'delete'>;
  database: Reachability;
  log: Log;
  signal: AbortSignal;
}

/** Objects, and accounts, that one pass takes upon itself. */
const limit = 200;
/** Pages of a deleted account's objects in one pass; the rest comes in the next. */
const maxPages = 5;

/**
 * One pass of what keeps the bucket clean: removes the objects of deleted images and accounts, and now and then
 * those that no row names. Every worker does this; the database gives each piece to one at a time, and again later
 * when it was not done. Removing twice is harmless.
 */
export function createCollect({ db, storage, database, log, signal }: CollectDeps) {
  const takeOrphanTurn = createOrphanTurn({ db, storage, log, signal });

  return async function collect(): Promise<void> {
    try {
      const { keys, userIds, orphans } = await db.takeCleaning({ limit });
      if (keys.length > 0) await removeImages(keys);
      for (const userId of userIds) if (!signal.aborted) await eraseObjects(userId);
      if (orphans && !signal.aborted) await takeOrphanTurn(orphans.after);
      database.reached();
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof DatabaseUnavailable) database.missed(error);
      else if (error instanceof StorageUnavailable) log.fact('storage_unavailable', { error });
      else throw error;
    }
  };

  async function removeImages(keys: string[]): Promise<void> {
    const removed = await remove(keys);
    if (removed.length === 0) return;
    await db.confirmRemoved({ keys: removed });
    log.fact('objects_removed', { objects: removed.length });
  }

  /** All that lies in the user's folder, whether or not a row ever named it. */
  async function eraseObjects(userId: string): Promise<void> {
    let removed = 0;
    let objectsLeft = true;
    for (let page = 0; page < maxPages && objectsLeft && !signal.aborted; page += 1) {
      const { objects, next } = await storage.list(userFolder(userId), { signal });
      const gone = await remove(objects.map(({ key }) => key));
      removed += gone.length;
      if (gone.length < objects.length) break;
      objectsLeft = next !== null;
    }
    const done = await db.continueErasure({ userId, objectsLeft });
    if (removed > 0 || done) log.fact('objects_removed', { user_id: userId, objects: removed, done });
  }

  function remove(keys: readonly string[]): Promise<string[]> {
    return removeAll(storage, keys, {
      signal,
      onError: (error) => log.fact('storage_unavailable', { error }),
    });
  }
}
