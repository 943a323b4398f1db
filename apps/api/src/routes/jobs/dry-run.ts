import type { Storage } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';
import { DomainError } from '@darkroom/db/errors';
import type { CreateRequest } from './create-request.ts';
import { checkInlineImage, checkStoredImage } from './input-image.ts';
import type { Quote } from './quote.ts';

/** Makes the checks of a real request without creating anything, and returns what it would cost. @throws as createJob */
export type DryRun = (request: CreateRequest, quote: Quote) => Promise<Quote & { balance: number }>;

export function createDryRun(deps: {
  db: Pick<Database, 'ensureUser' | 'getPrompt'>;
  storage: Pick<Storage, 'head'>;
  defaultCredits: number;
}): DryRun {
  const { db, storage, defaultCredits } = deps;
  return async ({ user: { id: userId, email }, body, inlineImage }, { price, model }) => {
    const { custom_prompt_id: promptId, input_image_key: key } = body;
    if (promptId !== null && (await db.getPrompt({ userId, promptId })) === null) {
      throw new DomainError('prompt_not_found', 'no such saved prompt');
    }
    if (key !== null) await checkStoredImage(storage, { userId, key });
    if (inlineImage !== null) await checkInlineImage(inlineImage);
    const { credits: balance } = await db.ensureUser({ userId, email, defaultCredits });
    return { price, balance, model };
  };
}
