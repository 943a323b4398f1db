import { randomUUID } from 'node:crypto';
import { extensionOf, uploadKey } from '@darkroom/core/storage/keys';
import type { Storage } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';
import { insufficientCredits } from '../../problem/from-error.ts';
import { ProblemError } from '../../problem/problem.ts';
import type { CreateRequest } from './create-request.ts';
import type { InlineImage } from './inline-image.ts';
import { checkInlineImage, checkStoredImage } from './input-image.ts';
import type { Quote } from './quote.ts';

/** The stored input image of a job; `key` is null without one. */
export interface InputImage {
  key: string | null;
  /** It was an inline image, stored for this request. */
  isNew: boolean;
}

/**
 * Checks the input image. Stores an inline image after checking that the balance covers the price, so that nobody fills
 * the bucket for free. @throws ProblemError, StorageUnavailable
 */
export type PrepareInputImage = (request: CreateRequest, quote: Quote) => Promise<InputImage>;

export function createPrepareInputImage(deps: {
  db: Pick<Database, 'ensureUser'>;
  storage: Pick<Storage, 'head' | 'put'>;
  defaultCredits: number;
}): PrepareInputImage {
  const { db, storage, defaultCredits } = deps;

  return async ({ user: { id: userId, email }, body, inlineImage }, { price }) => {
    const key = body.input_image_key;
    if (key !== null) await checkStoredImage(storage, { userId, key });
    if (inlineImage === null) return { key, isNew: false };
    const { credits: balance } = await db.ensureUser({ userId, email, defaultCredits });
    if (balance < price) throw new ProblemError(insufficientCredits({ balance, price }));
    return { key: await store(userId, inlineImage), isNew: true };
  };

  async function store(userId: string, inlineImage: InlineImage): Promise<string> {
    const image = await checkInlineImage(inlineImage);
    const key = uploadKey({ userId, random: randomUUID(), ext: extensionOf(image.mimeType) });
    await storage.put(key, image, { sha256: inlineImage.sha256 });
    return key;
  }
}
