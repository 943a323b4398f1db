import { createHash } from 'node:crypto';
import type { Image } from '@darkroom/core/image/image';
import type { StoredImage } from '@darkroom/core/job/outcome';
import type { RenderedImage } from '@darkroom/core/models/chain';
import { resultKeys } from '@darkroom/core/storage/keys';
import { type Storage, StorageUnavailable } from '@darkroom/core/storage/storage';
import { retryWhile } from './retry-while.ts';
import type { Run } from './runs.ts';

export interface StoreDeps {
  storage: Pick<Storage, 'put'>;
  /** A word that nobody can guess. */
  randomName(): string;
}

/**
 * Stores an image and its thumbnail side by side, under keys of this attempt alone. The bytes are paid for, so an
 * absent store is waited for as long as the run may last; the model is not called again.
 * @throws the signal's reason.
 */
export async function storeImage(
  run: Run,
  { image: rendered, model }: { image: RenderedImage; model: string },
  { storage, randomName }: StoreDeps,
): Promise<StoredImage> {
  const { thumbnail, ...image } = rendered;
  if (!thumbnail) throw new Error('The inspection of a finished image must make its thumbnail.');
  const { jobId, attempt, signal } = run;
  const keys = resultKeys({
    userId: run.claim.job.user_id,
    jobId,
    attempt,
    random: randomName(),
    mimeType: image.mimeType,
  });
  // Named before anything is sent: whatever happens now, the end of the run knows what may lie there.
  run.objects.push(keys.key, keys.thumbnailKey);
  const sha256 = createHash('sha256').update(image.bytes).digest('hex');

  const [storedImage, storedThumbnail] = await bothOf(
    put(keys.key, image, sha256),
    put(keys.thumbnailKey, thumbnail),
  );
  return {
    object_key: keys.key,
    image_url: storedImage.url,
    thumbnail_key: keys.thumbnailKey,
    thumbnail_url: storedThumbnail.url,
    width: image.width,
    height: image.height,
    mime_type: image.mimeType,
    sha256,
    model,
  };

  function put(key: string, { bytes, mimeType }: Image, sha256?: string): Promise<{ url: string }> {
    const object = { bytes, mimeType };
    return retryWhile(() => storage.put(key, object, { signal, sha256 }), {
      during: StorageUnavailable,
      signal,
    });
  }
}

/** Like `Promise.all`, but neither is left running when the other fails. */
async function bothOf<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second]);
  return Promise.all([first, second]);
}
