import { after, toPage } from '../call/page.ts';
import type { Database, Image } from '../database.ts';
import type { Door } from '../open.ts';

interface ImageRow extends Image {
  object_key: string | null;
  thumbnail_key: string | null;
}

export function imageOperations({
  call,
}: Door): Pick<Database, 'listImages' | 'getImage' | 'deleteImage' | 'confirmRemoved'> {
  return {
    async listImages({ userId, limit, cursor }) {
      const rows = await call<Image[]>('list_images', {
        p_user_id: userId,
        p_limit: limit + 1,
        ...after(cursor),
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
      let repeated = false;
      const keys = await call<string[] | null>(
        'delete_image',
        { p_user_id: userId, p_image_id: imageId },
        {
          onRepeat() {
            repeated = true;
          },
        },
      );
      // Gone at the second try: the first had got through, its answer was lost, and the keys are removed later.
      return keys ?? (repeated ? [] : null);
    },

    async confirmRemoved({ keys }) {
      await call('confirm_removed', { p_keys: keys });
    },
  };
}
