import { after, toPage } from '../call/page.ts';
import type { Database, Prompt } from '../database.ts';
import type { Door } from '../open.ts';

type PromptOperation =
  | 'getPrompt'
  | 'listPrompts'
  | 'hasPrompts'
  | 'createPrompt'
  | 'updatePrompt'
  | 'deletePrompt';

export function promptOperations({ call }: Door): Pick<Database, PromptOperation> {
  const getPrompt: Database['getPrompt'] = ({ userId, promptId }) =>
    call('get_prompt', { p_prompt_id: promptId, p_user_id: userId });

  return {
    getPrompt,

    async listPrompts({ userId, limit, cursor }) {
      const rows = await call<Prompt[]>('list_prompts', {
        p_user_id: userId,
        p_limit: limit + 1,
        ...after(cursor),
      });
      return toPage(rows, limit, (prompt) => [prompt.created_at, prompt.id]);
    },

    hasPrompts: ({ userId, count }) => call('has_prompts', { p_user_id: userId, p_count: count }),

    createPrompt: ({ userId, promptId, fields }) =>
      call('save_prompt', { p_prompt_id: promptId, p_user_id: userId, p_fields: fields }),

    async updatePrompt({ userId, promptId, fields: changes }) {
      if (Object.keys(changes).length === 0) return getPrompt({ userId, promptId });
      return call('update_prompt', { p_prompt_id: promptId, p_user_id: userId, p_changes: changes });
    },

    async deletePrompt({ userId, promptId }) {
      let repeated = false;
      const deleted = await call<boolean>(
        'delete_prompt',
        { p_prompt_id: promptId, p_user_id: userId },
        {
          onRepeat() {
            repeated = true;
          },
        },
      );
      // Gone at the second try: the first had got through, and its answer was lost.
      return deleted || repeated;
    },
  };
}
