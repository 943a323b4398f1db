import { type GenerateContentConfig, GoogleGenAI, type Part } from '@google/genai';
import type { DecodeLimiter } from '../image/decode-limiter.ts';
import { TimeoutError, withTimeout } from '../runtime/time/with-timeout.ts';
import { classifyError } from './classify-error.ts';
import { fetchAnswers } from './fetch-answer.ts';
import type { ImageModel, ImageRequest } from './model.ts';
import { readResponse } from './read-response.ts';

export interface GeminiOptions {
  apiKey: string;
  /** Where the API lives, without version and path. Default: Google's own. */
  baseUrl?: string;
  /** Default `v1beta`, which is known to take a size and a ratio for images. */
  apiVersion?: string;
  fetch?: typeof globalThis.fetch;
  /** Decides when an answer that has come is read. Default: at once. */
  read?: DecodeLimiter['read'];
  /** Epoch milliseconds. */
  now?: () => number;
}

/**
 * The models of the Gemini Developer API. One call of `generate` is one HTTP request, whatever happens,
 * and the prompt is sent as it is.
 */
export function createGemini(options: GeminiOptions): ImageModel {
  const { apiKey, baseUrl, apiVersion = 'v1beta', fetch = globalThis.fetch, now = Date.now } = options;
  const { read = (reading) => reading() } = options;
  // Every field is given, so that no variable of the environment is looked at by the SDK.
  const client = new GoogleGenAI({
    apiKey,
    vertexai: false,
    apiVersion,
    httpOptions: {
      baseUrl: baseUrl ?? 'https://generativelanguage.googleapis.com',
      fetch: fetchAnswers(fetch, read),
    },
  });

  return {
    async generate(request, { timeoutMs, signal }) {
      try {
        const call = (ended: AbortSignal) =>
          client.models.generateContent({
            model: request.model,
            contents: [{ role: 'user', parts: partsOf(request) }],
            config: configOf(request, timeoutMs, ended),
          });
        return readResponse(await withTimeout(timeoutMs, call, signal));
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof TimeoutError) {
          const cause = `no answer within ${timeoutMs} ms`;
          return { ok: false, failure: { code: 'provider_unavailable', cause, timedOut: true } };
        }
        return { ok: false, failure: classifyError(error, now()) };
      }
    },
  };
}

function partsOf({ prompt, inputImage }: ImageRequest): Part[] {
  const parts: Part[] = [{ text: prompt }];
  if (inputImage) {
    const { bytes, mimeType } = inputImage;
    parts.push({ inlineData: { mimeType, data: bytes.toString('base64') } });
  }
  return parts;
}

function configOf(request: ImageRequest, timeoutMs: number, signal: AbortSignal): GenerateContentConfig {
  const { aspectRatio, imageSize } = request;
  const imageConfig = { ...(aspectRatio && { aspectRatio }), ...(imageSize && { imageSize }) };
  return {
    responseModalities: ['IMAGE'],
    ...(Object.keys(imageConfig).length > 0 && { imageConfig }),
    automaticContinuation: false,
    abortSignal: signal,
    // The SDK's own timer could fire before ours and then look like neither abort nor timeout; the header
    // it would have sent is sent nonetheless, so that the service gives up when we do.
    httpOptions: { headers: { 'x-server-timeout': String(Math.ceil(timeoutMs / 1000)) } },
  };
}
