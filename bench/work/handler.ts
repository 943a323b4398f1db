import { createHash, randomBytes } from 'node:crypto';
import { inspectAndThumbnail, outputLimits } from '@darkroom/core/image/inspect';
import { configureImages } from '@darkroom/core/image/settings';
import type { StoredImage } from '@darkroom/core/job/outcome';
import { createGemini } from '@darkroom/core/models/gemini';
import { resultKeys } from '@darkroom/core/storage/keys';
import { createR2 } from '@darkroom/core/storage/r2';
import type { Writes } from './writes.ts';

/** The addresses of the model and the object store. */
export interface Services {
  model: string;
  store: string;
}

const modelName = 'gemini-nano-banana-2.1';

/** A job in three steps, for peers that record each step. */
export interface Work {
  claim(jobId: string): ReturnType<Writes['claim']>;
  /** Calls the model, checks the image, makes a thumbnail, and stores both. */
  render(jobId: string, claim: Awaited<ReturnType<Writes['claim']>>): Promise<Rendered>;
  complete(jobId: string, attempt: number, rendered: Rendered): Promise<void>;
}

export interface Rendered {
  image: StoredImage;
  call: number;
}

/**
 * The effects of one job without any error handling: the same calls, bytes and writes as in Darkroom, by the same
 * adapters. The floor runs it in a loop, the peers as their handler.
 */
export function createWork(writes: Writes, services: Services): Work {
  configureImages();
  const model = createGemini({ apiKey: 'bench', baseUrl: services.model });
  const storage = createR2({
    endpoint: services.store,
    accessKeyId: 'bench',
    secretAccessKey: 'bench',
    bucket: 'darkroom',
    publicUrl: `${services.store}/public`,
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

/** Runs all three steps. */
export async function runWork(work: Work, jobId: string): Promise<void> {
  const claim = await work.claim(jobId);
  await work.complete(jobId, claim.attempt, await work.render(jobId, claim));
}
