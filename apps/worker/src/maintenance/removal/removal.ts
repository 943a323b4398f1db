import type { Log } from '@darkroom/core/runtime/log/log';
import { userFolder } from '@darkroom/core/storage/keys';
import { removeAll } from '@darkroom/core/storage/remove-all';
import { type Storage, StorageUnavailable } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import type { Dependency } from '../../health/dependency.ts';
import { createOrphanScan } from './orphans.ts';

export interface RemovalDeps {
  db: Pick<
    Database,
    'claimRemovals' | 'confirmRemoved' | 'continueErasure' | 'findOrphans' | 'endOrphanTurn'
  >;
  storage: Pick<Storage, 'list' | 'delete'>;
  database: Dependency;
  log: Log;
  signal: AbortSignal;
}

/** Objects, and accounts, of one pass. */
const limit = 200;
/** Pages of a deleted account's objects in one pass; the next pass continues. */
const maxPages = 5;

/**
 * One pass that removes stored objects: those of deleted images and accounts and, from time to time, those that no row
 * names. Every worker runs it; the database hands each item to one worker at a time, and again later if it was not
 * confirmed. Removing an object twice is harmless.
 */
export function createRemovalPass({ db, storage, database, log, signal }: RemovalDeps) {
  const scanForOrphans = createOrphanScan({ db, storage, log, signal });

  return async function removeObjects(): Promise<void> {
    try {
      const { keys, userIds, orphans } = await db.claimRemovals({ limit });
      if (keys.length > 0) await removeImageObjects(keys);
      for (const userId of userIds) if (!signal.aborted) await eraseObjects(userId);
      if (orphans && !signal.aborted) await scanForOrphans(orphans.after);
      database.up();
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof DatabaseUnavailable) database.down(error);
      else if (error instanceof StorageUnavailable) log.fact('storage_unavailable', { error });
      else throw error;
    }
  };

  async function removeImageObjects(keys: string[]): Promise<void> {
    const removed = await remove(keys);
    if (removed.length === 0) return;
    await db.confirmRemoved({ keys: removed });
    log.fact('objects_removed', { objects: removed.length });
  }

  /** Every object under the user's prefix, whether or not a row names it. */
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
