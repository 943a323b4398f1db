import { type GenerateContentConfig, GoogleGenAI, type Part } from '@google/genai';
import type { DecodeLimiter } from '../image/decode-limiter.ts';
import { TimeoutError, withTimeout } from '../runtime/time/with-timeout.ts';
import { classifyError } from './classify-error.ts';
import { fetchAnswers } from './fetch-answer.ts';
import type { ImageModel, ImageRequest } from './model.ts';
import { readResponse } from './read-response.ts';

export interface GeminiOptions {
  apiKey: string;
  /** The base URL of the API, without version and path. Default: Google's. */
  baseUrl?: string;
  /** Default `v1beta`, which accepts an image size and aspect ratio. */
  apiVersion?: string;
  fetch?: typeof globalThis.fetch;
  /** Decides when a response body is read. Default: immediately. */
  read?: DecodeLimiter['read'];
  /** Epoch milliseconds. */
  now?: () => number;
}

/**
 * The models of the Gemini Developer API. Each call of `generate` sends at most one HTTP request, with the prompt
 * unchanged.
 */
export function createGemini(options: GeminiOptions): ImageModel {
  const { apiKey, baseUrl, apiVersion = 'v1beta', fetch = globalThis.fetch, now = Date.now } = options;
  const { read = (reading) => reading() } = options;
  // Set every field, so that the SDK reads no environment variables.
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
    // Do not set the SDK's own timeout: it could fire before ours, and its error looks like neither an abort nor a
    // timeout. Send the header that it would send, so that the service also stops at the time limit.
    httpOptions: { headers: { 'x-server-timeout': String(Math.ceil(timeoutMs / 1000)) } },
  };
}
