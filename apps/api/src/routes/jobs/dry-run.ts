import type { Storage } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';
import { DomainError } from '@darkroom/db/errors';
import { checkInlineImage, checkStoredImage } from './input-image.ts';
import type { Quote } from './quote.ts';
import type { Submission } from './submission.ts';

/** Asks all that would be asked in making the job, makes nothing, and tells what it would cost. */
export type DryRun = (submission: Submission, quote: Quote) => Promise<Quote & { balance: number }>;

export function createDryRun(deps: {
  db: Pick<Database, 'ensureUser' | 'getPrompt'>;
  storage: Pick<Storage, 'head'>;
  defaultCredits: number;
}): DryRun {
  const { db, storage, defaultCredits } = deps;
  return async ({ user: { id: userId, email }, request, inline }, { price, model }) => {
    const { custom_prompt_id: promptId, input_image_key: key } = request;
    if (promptId !== null && (await db.getPrompt({ userId, promptId })) === null) {
      throw new DomainError('prompt_not_found', 'no such saved prompt');
    }
    if (key !== null) await checkStoredImage(storage, { userId, key });
    if (inline !== null) await checkInlineImage(inline);
    const { credits: balance } = await db.ensureUser({ userId, email, defaultCredits });
    return { price, balance, model };
  };
}
