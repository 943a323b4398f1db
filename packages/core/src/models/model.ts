import type { Failure } from '../job/failure.ts';
import type { Picture } from '../picture/picture.ts';

export interface ImageRequest {
  model: string;
  prompt: string;
  aspectRatio: string | null;
  imageSize: string | null;
  inputImage: Picture | null;
}

export type ModelAnswer = { ok: true; image: Picture } | { ok: false; failure: Failure };

/** A service that makes pictures. */
export interface ImageModel {
  /**
   * Makes one picture with exactly one request to the service; no retries inside.
   * Every failure of the service, a timeout of `timeoutMs` included, is an answer with a {@link Failure}.
   * @throws the signal's reason when the caller's `signal` was aborted, and only then.
   */
  generate(request: ImageRequest, options: { timeoutMs: number; signal: AbortSignal }): Promise<ModelAnswer>;
}
