import { cursorArguments, type Page, toPage } from '../page.ts';
import type { Call } from '../transport/call.ts';

export interface PromptFields {
  prompt_text: string;
  title: string | null;
  thumbnail_url: string | null;
  secondary_image_url: string | null;
}

/** A saved prompt. */
export interface Prompt extends PromptFields {
  id: string;
  created_at: string;
}

export interface PromptOperations {
  /** A saved prompt of this user, or null. */
  getPrompt(query: { userId: string; promptId: string }): Promise<Prompt | null>;
  /** Newest first. @throws DomainError invalid_argument for a broken cursor */
  listPrompts(query: { userId: string; limit: number; cursor: string | null }): Promise<Page<Prompt>>;
  /** Whether this user has saved at least `count` prompts. */
  hasPrompts(query: { userId: string; count: number }): Promise<boolean>;
  /** The caller chooses `promptId`, so that a repeat creates no second one. @throws DomainError user_deleted */
  createPrompt(prompt: { userId: string; promptId: string; fields: PromptFields }): Promise<Prompt>;
  /** Changes only the given fields. Null: there is no such prompt of this user. */
  updatePrompt(prompt: {
    userId: string;
    promptId: string;
    fields: Partial<PromptFields>;
  }): Promise<Prompt | null>;
  /** False: there was no such prompt of this user. */
  deletePrompt(prompt: { userId: string; promptId: string }): Promise<boolean>;
}

export function promptOperations(call: Call): PromptOperations {
  const getPrompt: PromptOperations['getPrompt'] = ({ userId, promptId }) =>
    call('get_prompt', { p_prompt_id: promptId, p_user_id: userId });

  return {
    getPrompt,

    async listPrompts({ userId, limit, cursor }) {
      const rows = await call<Prompt[]>('list_prompts', {
        p_user_id: userId,
        p_limit: limit + 1,
        ...cursorArguments(cursor),
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
      let retried = false;
      const deleted = await call<boolean>(
        'delete_prompt',
        { p_prompt_id: promptId, p_user_id: userId },
        {
          onRetry() {
            retried = true;
          },
        },
      );
      // The first attempt deleted the row and its answer was lost.
      return deleted || retried;
    },
  };
}
