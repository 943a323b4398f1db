import { createHash, randomBytes } from 'node:crypto';
import { inspectAndThumbnail, outputLimits } from '@darkroom/core/image/inspect';
import { configureImages } from '@darkroom/core/image/settings';
import type { StoredImage } from '@darkroom/core/job/outcome';
import { createGemini } from '@darkroom/core/models/gemini';
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
  /** Calls the model, checks the image, makes its thumbnail, stores both. */
  render(jobId: string, claim: Awaited<ReturnType<Writes['claim']>>): Promise<Rendered>;
  complete(jobId: string, attempt: number, rendered: Rendered): Promise<void>;
}

export interface Rendered {
  image: StoredImage;
  call: number;
}

/**
 * What one job comes to when nothing but its effects is wanted: the same calls, bytes and writes as the product's,
 * by the same adapters, and no care for what could go wrong. The floor runs it in a loop, the peers as their handler.
 */
export function createWork(writes: Writes, outside: Outside): Work {
  configureImages();
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
      if (!found.ok || !found.thumbnail) throw new Error('The image does not decode.');
      reports.push(writes.report(jobId, attempt, 'storing', 90));

      const { mimeType, width, height, thumbnail } = found;
      const random = randomBytes(16).toString('base64url');
      const keys = resultKeys({ userId, jobId, attempt, random, mimeType });
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const [stored, small] = await Promise.all([
        storage.put(keys.key, { bytes, mimeType }, { sha256 }),
        storage.put(keys.thumbnailKey, thumbnail),
      ]);
      await Promise.all(reports);
      const image: StoredImage = {
        object_key: keys.key,
        image_url: stored.url,
        thumbnail_key: keys.thumbnailKey,
        thumbnail_url: small.url,
        width,
        height,
        mime_type: mimeType,
        sha256,
        model: modelName,
      };
      return { image, call };
    },
    complete: (jobId, attempt, { image, call }) =>
      writes.complete(jobId, attempt, image, [{ call, attempt, model: modelName, code: 'ok', ms: 1 }]),
  };
}

/** All three parts in a row. */
export async function runWork(work: Work, jobId: string): Promise<void> {
  const claim = await work.claim(jobId);
  await work.complete(jobId, claim.attempt, await work.render(jobId, claim));
}
