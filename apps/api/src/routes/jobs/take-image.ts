import { randomUUID } from 'node:crypto';
import { extensionOf, uploadKey } from '@darkroom/core/storage/keys';
import type { Storage } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';
import { insufficientCredits } from '../../problem/from-error.ts';
import { ProblemError } from '../../problem/problem.ts';
import type { InlineImage } from './inline-image.ts';
import { checkInlineImage, checkStoredImage } from './input-image.ts';
import type { Quote } from './quote.ts';
import type { Submission } from './submission.ts';

/** The input image of a job, stored. */
export interface TakenImage {
  key: string | null;
  /** It came inline and lies there for this job alone. */
  fresh: boolean;
}

/**
 * Checks the input image, and stores one that came inline once the balance is seen to cover the price: nobody fills
 * the bucket for nothing. @throws ProblemError, StorageUnavailable
 */
export type TakeImage = (submission: Submission, quote: Quote) => Promise<TakenImage>;

export function createTakeImage(deps: {
  db: Pick<Database, 'ensureUser'>;
  storage: Pick<Storage, 'head' | 'put'>;
  defaultCredits: number;
}): TakeImage {
  const { db, storage, defaultCredits } = deps;

  return async ({ user: { id: userId, email }, request, inline }, { price }) => {
    const key = request.input_image_key;
    if (key !== null) await checkStoredImage(storage, { userId, key });
    if (inline === null) return { key, fresh: false };
    const { credits: balance } = await db.ensureUser({ userId, email, defaultCredits });
    if (balance < price) throw new ProblemError(insufficientCredits({ balance, price }));
    return { key: await store(userId, inline), fresh: true };
  };

  async function store(userId: string, inline: InlineImage): Promise<string> {
    const image = await checkInlineImage(inline);
    const key = uploadKey({ userId, random: randomUUID(), ext: extensionOf(image.mimeType) });
    await storage.put(key, image, { sha256: inline.sha256 });
    return key;
  }
}
