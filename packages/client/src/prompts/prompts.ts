import type { Http } from '../http/http.ts';
import type { Page, PageQuery } from '../http/page.ts';
import { query } from '../http/query.ts';

/** A saved prompt; a job takes its id as `custom_prompt_id`. */
export interface Prompt {
  id: string;
  prompt_text: string;
  title: string | null;
  thumbnail_url: string | null;
  secondary_image_url: string | null;
  created_at: string;
}

export interface PromptInput {
  prompt_text: string;
  title?: string | null;
  thumbnail_url?: string | null;
  secondary_image_url?: string | null;
}

export interface Prompts {
  list(page?: PageQuery): Promise<Page<Prompt>>;
  get(promptId: string): Promise<Prompt>;
  /** Not retried when the response was lost: that might create a second one. */
  create(prompt: PromptInput): Promise<Prompt>;
  update(promptId: string, changes: Partial<PromptInput>): Promise<Prompt>;
  delete(promptId: string): Promise<void>;
}

export function createPrompts(http: Pick<Http, 'send' | 'remove'>): Prompts {
  const path = (promptId: string) => `/v1/prompts/${encodeURIComponent(promptId)}`;
  return {
    list: (page) => http.send('GET', `/v1/prompts${query(page)}`),
    get: (promptId) => http.send('GET', path(promptId)),
    create: (prompt) => http.send('POST', '/v1/prompts', { body: prompt, retryable: false }),
    update: (promptId, changes) => http.send('PATCH', path(promptId), { body: changes }),
    delete: (promptId) => http.remove(path(promptId)),
  };
}
