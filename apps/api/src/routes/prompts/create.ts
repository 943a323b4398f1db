import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { readJson } from '../../http/json-body.ts';
import { ProblemError } from '../../problem/problem.ts';
import { validate } from '../../problem/validation.ts';
import { newPrompt } from './fields.ts';
import type { ResolvePrompt } from './resolve.ts';

/** Per user. Only the API enforces it: the native app writes its prompts directly. */
const maxPrompts = 1_000;

/** `POST /v1/prompts`: saves a prompt. */
export function createPrompt(deps: {
  db: Pick<Database, 'createPrompt' | 'hasPrompts'>;
  resolve: ResolvePrompt;
  /** Returns a new UUID. */
  randomId: () => string;
}): Handler<ApiEnv> {
  const { db, resolve, randomId } = deps;
  return async (c) => {
    const userId = c.get('user').id;
    const request = validate(newPrompt, await readJson(c));
    if (await db.hasPrompts({ userId, count: maxPrompts })) throw tooManyPrompts();
    const { title = null, thumbnail_url = null, secondary_image_url = null } = await resolve(userId, request);
    const prompt = await db.createPrompt({
      userId,
      promptId: randomId(),
      fields: { prompt_text: request.prompt_text, title, thumbnail_url, secondary_image_url },
    });
    c.header('Location', `/v1/prompts/${prompt.id}`);
    return c.json(prompt, 201);
  };
}

function tooManyPrompts(): ProblemError {
  return new ProblemError({
    code: 'too_many_prompts',
    detail: `You have saved ${maxPrompts} prompts, which is the maximum. Delete one first.`,
    extras: { limit: maxPrompts },
  });
}
