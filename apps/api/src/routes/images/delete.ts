import type { Log } from '@darkroom/core/runtime/log/log';
import { removeAll } from '@darkroom/core/storage/remove-all';
import type { Storage } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { noSuch, readRowId } from '../../http/row-id.ts';

/** How long an answer may wait for the store, in milliseconds. */
const timeoutMs = 3_000;

/**
 * `DELETE /v1/images/{id}`: takes an image out of the gallery, and its objects out of the bucket; what cannot be
 * removed now a worker removes later. The job that made it stays as it is.
 */
export function deleteImage(deps: {
  db: Pick<Database, 'deleteImage' | 'confirmRemoved'>;
  storage: Pick<Storage, 'delete'>;
  log: Log;
}): Handler<ApiEnv> {
  const { db, storage, log } = deps;
  return async (c) => {
    const imageId = readRowId(c.req.param('id'), 'image');
    const keys = await db.deleteImage({ userId: c.get('user').id, imageId });
    if (keys === null) throw noSuch('image');
    if (keys.length > 0) await removeObjects(keys);
    return c.body(null, 204);
  };

  /** The row is gone, and with it the client's wish fulfilled: nothing that fails here is an answer to it. */
  async function removeObjects(keys: string[]): Promise<void> {
    try {
      const removed = await removeAll(storage, keys, {
        signal: AbortSignal.timeout(timeoutMs),
        onError: (error) => log.fact('storage_unavailable', { error }),
      });
      if (removed.length > 0) await db.confirmRemoved({ keys: removed });
    } catch (error) {
      log.fact('database_unavailable', { error });
    }
  }
}
