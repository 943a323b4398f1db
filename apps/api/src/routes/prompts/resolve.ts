import type { Storage } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';
import type { PromptFields } from '@darkroom/db/prompts/prompts';
import { invalidField } from '../../problem/validation.ts';
import { checkStoredImage } from '../jobs/input-image.ts';
import type { PromptChanges } from './fields.ts';

/**
 * Turns the fields of a request into columns: the key of an upload and the id of a gallery image become the URL of the
 * object. Omitted fields are omitted from the result. @throws ProblemError invalid_request, StorageUnavailable
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
      urlOf(userId, {
        url: changes.thumbnail_url,
        key: changes.thumbnail_key,
        path: 'thumbnail_key',
        imageId: changes.image_id,
      }),
      urlOf(userId, {
        url: changes.secondary_image_url,
        key: changes.secondary_image_key,
        path: 'secondary_image_key',
      }),
    ]);
    const named = Object.entries({ prompt_text, title, thumbnail_url, secondary_image_url });
    return Object.fromEntries(named.filter(([, value]) => value !== undefined));
  };

  /** Undefined if the image is omitted, null if it is cleared. */
  async function urlOf(userId: string, image: NamedImage): Promise<string | null | undefined> {
    const { url, key, path, imageId } = image;
    if (imageId) return galleryUrl(userId, imageId);
    if (key) {
      await checkStoredImage(storage, { userId, key, path });
      return storage.publicUrl(key);
    }
    if (url) return url;
    return [url, key, imageId].includes(null) ? null : undefined;
  }

  async function galleryUrl(userId: string, imageId: string): Promise<string> {
    const image = await db.getImage({ userId, imageId });
    if (image === null) throw invalidField('image_id', 'There is no such image in your gallery.');
    return image.key === null ? (image.thumbnail_url ?? image.image_url) : storage.publicUrl(image.key);
  }
}

interface NamedImage {
  url: string | null | undefined;
  key: string | null | undefined;
  /** The field that holds the key, for errors. */
  path: string;
  imageId?: string | null;
}
