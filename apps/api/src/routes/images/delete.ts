import type { Log } from '@darkroom/core/runtime/log/log';
import { removeAll } from '@darkroom/core/storage/remove-all';
import type { Storage } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { notFound, readPathId } from '../../http/path-id.ts';

/** How long a response may wait for storage, in milliseconds. */
const timeoutMs = 3_000;

export interface DeleteImageDeps {
  db: Pick<Database, 'deleteImage' | 'confirmRemoved'>;
  storage: Pick<Storage, 'delete'>;
  log: Log;
}

/**
 * `DELETE /v1/images/{id}`: deletes an image from the gallery and its objects from storage. A worker deletes later what
 * cannot be deleted now. The job that made the image stays unchanged.
 */
export function deleteImage(deps: DeleteImageDeps): Handler<ApiEnv> {
  const { db, storage, log } = deps;
  return async (c) => {
    const imageId = readPathId(c.req.param('id'), 'image');
    const keys = await db.deleteImage({ userId: c.get('user').id, imageId });
    if (keys === null) throw notFound('image');
    if (keys.length > 0) await removeObjects(keys);
    return c.body(null, 204);
  };

  /** Failures are only logged: the row is deleted, and a worker deletes the objects. */
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
