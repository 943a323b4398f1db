import { createHash } from 'node:crypto';
import type { Image } from '@darkroom/core/image/image';
import type { StoredImage } from '@darkroom/core/job/outcome';
import type { RenderedImage } from '@darkroom/core/models/chain';
import { resultKeys } from '@darkroom/core/storage/keys';
import { type Storage, StorageUnavailable } from '@darkroom/core/storage/storage';
import type { Run } from './active-runs.ts';
import { retryWhile } from './retry-while.ts';

export interface StoreDeps {
  storage: Pick<Storage, 'put'>;
  /** An unguessable part of the object keys. */
  randomName(): string;
}

/**
 * Stores an image and its thumbnail under keys that only this attempt uses. The image is paid for, so an unavailable
 * store is retried until the run is stopped, without another model call.
 * @throws the signal's reason when the run is stopped.
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
  // Recorded before the first request, so that settling knows every object that may exist.
  run.objects.push(keys.key, keys.thumbnailKey);
  const sha256 = createHash('sha256').update(image.bytes).digest('hex');

  const [storedImage, storedThumbnail] = await settleBoth(
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

/** Like `Promise.all`, but waits for both even if one fails. */
async function settleBoth<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second]);
  return Promise.all([first, second]);
}
