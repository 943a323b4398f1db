import type { Image } from '../image/image.ts';
import type { Failure } from '../job/failure.ts';

export interface ImageRequest {
  model: string;
  prompt: string;
  aspectRatio: string | null;
  imageSize: string | null;
  inputImage: Image | null;
}

export type ModelAnswer = { ok: true; image: Image } | { ok: false; failure: Failure };

/** A service that makes images. */
export interface ImageModel {
  /**
   * Makes one image with exactly one request to the service; no retries inside.
   * Every failure of the service, a timeout of `timeoutMs` included, is an answer with a {@link Failure}.
   * @throws the signal's reason when the caller's `signal` was aborted, and only then.
   */
  generate(request: ImageRequest, options: { timeoutMs: number; signal: AbortSignal }): Promise<ModelAnswer>;
}
