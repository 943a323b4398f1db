import type { Database } from '@darkroom/db/database';
import type { Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { readJson } from '../../http/json-body.ts';
import { parseOrRefuse } from '../../problem/invalid.ts';
import { ProblemError } from '../../problem/problem.ts';
import { newPrompt } from './fields.ts';
import type { ResolvePrompt } from './resolve.ts';

/** Of one user. The native app saves prompts of its own beside these: it is a limit of this door. */
const maxPrompts = 1_000;

/** `POST /v1/prompts`: saves a prompt. */
export function createPrompt(deps: {
  db: Pick<Database, 'createPrompt' | 'hasPrompts'>;
  resolve: ResolvePrompt;
  randomId: () => string;
}): Handler<ApiEnv> {
  const { db, resolve, randomId } = deps;
  return async (c) => {
    const userId = c.get('user').id;
    const request = parseOrRefuse(newPrompt, await readJson(c));
    if (await db.hasPrompts({ userId, count: maxPrompts })) throw tooMany();
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

function tooMany(): ProblemError {
  return new ProblemError({
    code: 'too_many_prompts',
    detail: `You have saved ${maxPrompts} prompts, which is as many as are kept. Remove one first.`,
    extras: { limit: maxPrompts },
  });
}
