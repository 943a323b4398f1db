import { createHash, randomBytes } from 'node:crypto';
import type { StoredPicture } from '@darkroom/core/job/outcome';
import { createGemini } from '@darkroom/core/models/gemini';
import { inspectAndThumbnail, outputLimits } from '@darkroom/core/picture/inspect';
import { configurePictures } from '@darkroom/core/picture/settings';
import { resultKeys } from '@darkroom/core/storage/keys';
import { createR2 } from '@darkroom/core/storage/r2';
import type { Writes } from './writes.ts';

/** Addresses of the model and the store. */
export interface Outside {
  model: string;
  store: string;
}

const modelName = 'gemini-nano-banana-2.1';

/** A job in three parts, for those who keep a note after each. */
export interface Work {
  claim(jobId: string): ReturnType<Writes['claim']>;
  /** Calls the model, checks the picture, makes its thumbnail, stores both. */
  render(jobId: string, claim: Awaited<ReturnType<Writes['claim']>>): Promise<Rendered>;
  complete(jobId: string, attempt: number, rendered: Rendered): Promise<void>;
}

export interface Rendered {
  picture: StoredPicture;
  call: number;
}

/**
 * What one job comes to when nothing but its effects is wanted: the same calls, bytes and writes as the product's,
 * by the same adapters, and no care for what could go wrong. The floor runs it in a loop, the peers as their handler.
 */
export function createWork(writes: Writes, outside: Outside): Work {
  configurePictures();
  const model = createGemini({ apiKey: 'bench', baseUrl: outside.model });
  const storage = createR2({
    endpoint: outside.store,
    accessKeyId: 'bench',
    secretAccessKey: 'bench',
    bucket: 'darkroom',
    publicUrl: `${outside.store}/public`,
  });

  return {
    claim: (jobId) => writes.claim(jobId),
    async render(jobId, { attempt, userId, prompt }) {
      const reports = [writes.report(jobId, attempt, 'generating', 10)];
      const call = await writes.countCall(jobId, attempt, modelName);
      const answer = await model.generate(
        { model: modelName, prompt, aspectRatio: null, imageSize: null, inputImage: null },
        { timeoutMs: 120_000, signal: new AbortController().signal },
      );
      if (!answer.ok) throw new Error(answer.failure.cause);
      const { bytes } = answer.image;
      const found = await inspectAndThumbnail(bytes, outputLimits);
      if (!found.ok || !found.thumbnail) throw new Error('The picture does not decode.');
      reports.push(writes.report(jobId, attempt, 'storing', 90));

      const { mimeType, width, height, thumbnail } = found;
      const random = randomBytes(16).toString('base64url');
      const keys = resultKeys({ userId, jobId, attempt, random, mimeType });
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const [image, small] = await Promise.all([
        storage.put(keys.key, { bytes, mimeType }, { sha256 }),
        storage.put(keys.thumbnailKey, thumbnail),
      ]);
      await Promise.all(reports);
      const picture: StoredPicture = {
        object_key: keys.key,
        image_url: image.url,
        thumbnail_key: keys.thumbnailKey,
        thumbnail_url: small.url,
        width,
        height,
        mime_type: mimeType,
        sha256,
        model: modelName,
      };
      return { picture, call };
    },
    complete: (jobId, attempt, { picture, call }) =>
      writes.complete(jobId, attempt, picture, [{ call, attempt, model: modelName, code: 'ok', ms: 1 }]),
  };
}

/** All three parts in a row. */
export async function runWork(work: Work, jobId: string): Promise<void> {
  const claim = await work.claim(jobId);
  await work.complete(jobId, claim.attempt, await work.render(jobId, claim));
}
