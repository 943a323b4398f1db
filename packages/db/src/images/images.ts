import { before, momentAndId, readCursor, toPage } from '../call/page.ts';
import type { Database, Image } from '../database.ts';
import type { Door } from '../open.ts';

const fields = 'id,image_url,thumbnail_url,prompt,job_id,width,height,model,created_at';

export function imageOperations({
  client,
  call,
}: Door): Pick<Database, 'listImages' | 'getImage' | 'deleteImage' | 'confirmRemoved'> {
  return {
    async listImages({ userId, limit, cursor }) {
      const from = cursor === null ? null : readCursor(cursor, momentAndId);
      const rows = await call<Image[] | null>(() => {
        let query = client.from('generated_images').select(fields).eq('user_id', userId);
        if (from) query = query.lte('created_at', from[0]).or(before(from));
        return query
          .order('created_at', { ascending: false })
          .order('id', { ascending: false })
          .limit(limit + 1);
      });
      return toPage(rows ?? [], limit, (image) => [image.created_at, image.id]);
    },

    async getImage({ userId, imageId }) {
      const rows = (await call<unknown>(() =>
        client
          .from('generated_images')
          .select(`${fields},object_key,thumbnail_key`)
          .eq('id', imageId)
          .eq('user_id', userId)
          .limit(1),
      )) as (Image & { object_key: string | null; thumbnail_key: string | null })[];
      if (!rows[0]) return null;
      const { object_key, thumbnail_key, ...image } = rows[0];
      return { ...image, key: thumbnail_key ?? object_key };
    },

    async deleteImage({ userId, imageId }) {
      let repeated = false;
      const keys = await call<string[] | null>((attempt) => {
        repeated = attempt > 1;
        return client.rpc('delete_image', { p_user_id: userId, p_image_id: imageId });
      });
      // Gone at the second try: the first had got through, its answer was lost, and the keys are removed later.
      return keys ?? (repeated ? [] : null);
    },

    async confirmRemoved({ keys }) {
      await call(() => client.rpc('confirm_removed', { p_keys: keys }));
    },
  };
}
