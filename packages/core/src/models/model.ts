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
   * Makes one image with at most one request to the service, without retries.
   * Returns a {@link Failure} for every failure of the service, including a timeout after `timeoutMs`.
   * @throws the signal's reason when `signal` is aborted, and nothing else.
   */
  generate(request: ImageRequest, options: { timeoutMs: number; signal: AbortSignal }): Promise<ModelAnswer>;
}
