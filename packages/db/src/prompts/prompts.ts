import { before, momentAndId, readCursor, toPage } from '../call/page.ts';
import type { Database, Prompt } from '../database.ts';
import type { Door } from '../open.ts';

type PromptOperation =
  | 'getPrompt'
  | 'listPrompts'
  | 'hasPrompts'
  | 'createPrompt'
  | 'updatePrompt'
  | 'deletePrompt';

const fields = 'id,prompt_text,title,thumbnail_url,secondary_image_url,created_at';

export function promptOperations({ client, call }: Door): Pick<Database, PromptOperation> {
  const prompts = () => client.from('custom_prompts');
  return {
    getPrompt,

    async listPrompts({ userId, limit, cursor }) {
      const from = cursor === null ? null : readCursor(cursor, momentAndId);
      const rows = await call<Prompt[] | null>(() => {
        let query = prompts().select(fields).eq('user_id', userId);
        if (from) query = query.lte('created_at', from[0]).or(before(from));
        return query
          .order('created_at', { ascending: false })
          .order('id', { ascending: false })
          .limit(limit + 1);
      });
      return toPage(rows ?? [], limit, (prompt) => [prompt.created_at, prompt.id]);
    },

    async hasPrompts({ userId, count }) {
      const rows = await call<{ id: string }[] | null>(() =>
        prompts()
          .select('id')
          .eq('user_id', userId)
          .order('created_at', { ascending: false })
          .order('id', { ascending: false })
          .range(count - 1, count - 1),
      );
      return (rows ?? []).length > 0;
    },

    async createPrompt({ userId, promptId, fields: values }) {
      const rows = await call<Prompt[] | null>(() =>
        prompts()
          .upsert({ id: promptId, user_id: userId, ...values }, { onConflict: 'id' })
          .select(fields),
      );
      if (!rows?.[0]) throw new Error('the database made a prompt and did not return it');
      return rows[0];
    },

    async updatePrompt({ userId, promptId, fields: changes }) {
      if (Object.keys(changes).length === 0) return getPrompt({ userId, promptId });
      const rows = await call<Prompt[] | null>(() =>
        prompts().update(changes).eq('id', promptId).eq('user_id', userId).select(fields),
      );
      return rows?.[0] ?? null;
    },

    async deletePrompt({ userId, promptId }) {
      let repeated = false;
      const rows = await call<{ id: string }[] | null>((attempt) => {
        repeated = attempt > 1;
        return prompts().delete().eq('id', promptId).eq('user_id', userId).select('id');
      });
      // Gone at the second try: the first had got through, and its answer was lost.
      return repeated || (rows ?? []).length > 0;
    },
  };

  async function getPrompt(of: { userId: string; promptId: string }): Promise<Prompt | null> {
    const rows = await call<Prompt[] | null>(() =>
      prompts().select(fields).eq('id', of.promptId).eq('user_id', of.userId).limit(1),
    );
    return rows?.[0] ?? null;
  }
}
