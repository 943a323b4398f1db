import type { Log } from '@darkroom/core/runtime/log/log';
import { removeAll } from '@darkroom/core/storage/remove-all';
import type { Storage } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';

/** Objects of one listing, and listings of one turn: some seconds of work. */
const pageSize = 500;
const maxPages = 20;
/** Where users' objects lie. What lies elsewhere in the bucket is nobody's concern here. */
const prefix = 'users/';

/**
 * One turn of the search for objects that no row names: an attempt that lost its claim, an upload that no job took, the
 * image of a row that the native app has removed. It goes on after the key where the last turn ended, and notes where
 * it ends itself; a store or database that goes away ends it, and the next turn begins where this one did.
 */
export function createOrphanTurn(deps: {
  db: Pick<Database, 'findOrphans' | 'endOrphanTurn'>;
  storage: Pick<Storage, 'list' | 'delete'>;
  log: Log;
  signal: AbortSignal;
}): (after: string | null) => Promise<void> {
  const { db, storage, log, signal } = deps;

  return async (begin) => {
    let after = begin;
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
