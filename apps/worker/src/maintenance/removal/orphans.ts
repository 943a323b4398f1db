import type { Log } from '@darkroom/core/runtime/log/log';
import { removeAll } from '@darkroom/core/storage/remove-all';
import type { Storage } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';

/** Objects a page, and pages a scan: a few seconds of work. */
const pageSize = 500;
const maxPages = 20;
/** The prefix of all objects of users. Other objects in the bucket are never touched. */
const prefix = 'users/';

/**
 * One scan for objects that no row names: results of attempts that lost their claim, uploads that no job used, images
 * whose row the native app deleted. It starts after the given key and stores where the next scan starts; after an error
 * nothing is stored, so the next scan repeats this one.
 */
export function createOrphanScan(deps: {
  db: Pick<Database, 'findOrphans' | 'endOrphanTurn'>;
  storage: Pick<Storage, 'list' | 'delete'>;
  log: Log;
  signal: AbortSignal;
}): (startAfter: string | null) => Promise<void> {
  const { db, storage, log, signal } = deps;

  return async (startAfter) => {
    let after = startAfter;
    let [seen, found, removed] = [0, 0, 0];
    for (let page = 0; page < maxPages && !signal.aborted; page += 1) {
      const { objects, next } = await storage.list(prefix, { after, limit: pageSize, signal });
      const orphans = objects.length > 0 ? await db.findOrphans({ objects: objects.map(toStored) }) : [];
      const gone = await removeAll(storage, orphans, {
        signal,
        onError: (error) => log.fact('storage_unavailable', { error }),
      });
      seen += objects.length;
      found += orphans.length;
      removed += gone.length;
      after = next;
      if (after === null) break;
    }
    await db.endOrphanTurn({ after });
    if (found > 0) log.fact('orphans_removed', { seen, found, removed });
  };
}

function toStored({ key, modifiedAt }: { key: string; modifiedAt: Date }) {
  return { key, modifiedAt: modifiedAt.toISOString() };
}
