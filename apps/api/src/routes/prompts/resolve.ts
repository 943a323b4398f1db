import type { Storage } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';
import type { PromptFields } from '@darkroom/db/prompts/prompts';
import { invalid } from '../../problem/invalid.ts';
import { checkStoredImage } from '../jobs/input-image.ts';
import type { PromptChanges } from './fields.ts';

/**
 * Turns what a client may name into what is stored: a key of the user's own and an image of the gallery become the
 * address of the object. Only what is named is among the result. @throws ProblemError invalid_request, StorageUnavailable
 */
export type ResolvePrompt = (userId: string, changes: PromptChanges) => Promise<Partial<PromptFields>>;

export function createResolvePrompt(deps: {
  db: Pick<Database, 'getImage'>;
  storage: Pick<Storage, 'head' | 'publicUrl'>;
}): ResolvePrompt {
  const { db, storage } = deps;

  return async (userId, changes) => {
    const { prompt_text, title } = changes;
    const [thumbnail_url, secondary_image_url] = await Promise.all([
      addressOf(userId, {
        url: changes.thumbnail_url,
        key: changes.thumbnail_key,
        path: 'thumbnail_key',
        imageId: changes.image_id,
      }),
      addressOf(userId, {
        url: changes.secondary_image_url,
        key: changes.secondary_image_key,
        path: 'secondary_image_key',
      }),
    ]);
    const named = Object.entries({ prompt_text, title, thumbnail_url, secondary_image_url });
    return Object.fromEntries(named.filter(([, value]) => value !== undefined));
  };

  /** Undefined where nothing is named, null where that is to be cleared. */
  async function addressOf(userId: string, image: NamedImage): Promise<string | null | undefined> {
    const { url, key, path, imageId } = image;
    if (imageId) return galleryAddress(userId, imageId);
    if (key) {
      await checkStoredImage(storage, { userId, key, path });
      return storage.publicUrl(key);
    }
    if (url) return url;
    return [url, key, imageId].includes(null) ? null : undefined;
  }

  async function galleryAddress(userId: string, imageId: string): Promise<string> {
    const image = await db.getImage({ userId, imageId });
    if (image === null) throw invalid('image_id', 'There is no such image in your gallery.');
    return image.key === null ? (image.thumbnail_url ?? image.image_url) : storage.publicUrl(image.key);
  }
}

interface NamedImage {
  url: string | null | undefined;
  key: string | null | undefined;
  /** The field that holds the key. */
  path: string;
  imageId?: string | null;
}
