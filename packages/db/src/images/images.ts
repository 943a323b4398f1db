import { cursorArguments, type Page, toPage } from '../page.ts';
import type { Call } from '../transport/call.ts';

/** An image in the gallery: made by a job, or written by the native app. */
export interface Image {
  id: string;
  image_url: string;
  thumbnail_url: string | null;
  prompt: string | null;
  job_id: string | null;
  width: number | null;
  height: number | null;
  model: string | null;
  created_at: string;
}

export interface ImageOperations {
  /** Newest first. @throws DomainError invalid_argument for a broken cursor */
  listImages(query: { userId: string; limit: number; cursor: string | null }): Promise<Page<Image>>;
  /** An image of this user. `key` is that of its thumbnail, else its own; null when it only has a URL. */
  getImage(query: { userId: string; imageId: string }): Promise<(Image & { key: string | null }) | null>;
  /**
   * Deletes the row and returns the keys to remove from the store, then to confirm with `confirmRemoved`; those not
   * confirmed are removed later. Null: there is no such image of this user.
   */
  deleteImage(image: { userId: string; imageId: string }): Promise<string[] | null>;
}

interface ImageRow extends Image {
  object_key: string | null;
  thumbnail_key: string | null;
}

export function imageOperations(call: Call): ImageOperations {
  return {
    async listImages({ userId, limit, cursor }) {
      const rows = await call<Image[]>('list_images', {
        p_user_id: userId,
        p_limit: limit + 1,
        ...cursorArguments(cursor),
      });
      return toPage(rows, limit, (image) => [image.created_at, image.id]);
    },

    async getImage({ userId, imageId }) {
      const row = await call<ImageRow | null>('get_image', { p_image_id: imageId, p_user_id: userId });
      if (!row) return null;
      const { object_key, thumbnail_key, ...image } = row;
      return { ...image, key: thumbnail_key ?? object_key };
    },

    async deleteImage({ userId, imageId }) {
      let retried = false;
      const keys = await call<string[] | null>(
        'delete_image',
        { p_user_id: userId, p_image_id: imageId },
        {
          onRetry() {
            retried = true;
          },
        },
      );
      // The first attempt deleted the row and its answer was lost; the keys are removed later.
      return keys ?? (retried ? [] : null);
    },
  };
}
