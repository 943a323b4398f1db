import type { GenerateContentResponse, Part } from '@google/genai';
import type { ModelAnswer } from './model.ts';

/** Reasons that concern the content. Neither another try nor another model would change the result. */
const policyReasons: ReadonlySet<string> = new Set([
  'SAFETY',
  'IMAGE_SAFETY',
  'PROHIBITED_CONTENT',
  'IMAGE_PROHIBITED_CONTENT',
  'RECITATION',
  'IMAGE_RECITATION',
  'BLOCKLIST',
  'SPII',
]);

/** The parts of a `generateContent` response that are read here. */
export type ImageResponse = Pick<GenerateContentResponse, 'candidates' | 'promptFeedback'>;

/**
 * Finds the image in a response with HTTP status 200, or returns why there is none.
 * Takes the last image that is not part of the model's thoughts. Does not check whether the image decodes.
 */
export function readResponse(response: ImageResponse): ModelAnswer {
  const blockReason = response.promptFeedback?.blockReason;
  if (blockReason) return fail('content_blocked', `the prompt was blocked: ${blockReason}`);

  const candidate = response.candidates?.[0];
  const finishReason = candidate?.finishReason ?? 'no finish reason';
  if (policyReasons.has(finishReason)) return fail('content_blocked', `finished with ${finishReason}`);

  const parts = candidate?.content?.parts;
  const data = Array.isArray(parts) ? parts.findLast(isFinalImage)?.inlineData : undefined;
  if (!data?.data) return fail('no_image', `no image in the answer: ${finishReason}`);

  const bytes = bytesOf(data.data);
  if (!bytes) return fail('bad_image', 'the base64 of the image is broken');
  return { ok: true, image: { bytes, mimeType: data.mimeType ?? 'application/octet-stream' } };
}

function isFinalImage(part: Part): boolean {
  const data: unknown = part.inlineData?.data;
  return part.thought !== true && (Buffer.isBuffer(data) || (typeof data === 'string' && data !== ''));
}

/** Valid base64 was already decoded while the response was read, although the SDK types it as text. */
function bytesOf(data: string | Buffer): Buffer | null {
  return typeof data === 'string' ? decodeBase64(data) : data;
}

/** Returns null when a character is not base64. Node would skip it. */
function decodeBase64(text: string): Buffer | null {
  if (text.length % 4 !== 0) return null;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === (text.length / 4) * 3 - padding ? bytes : null;
}

function fail(code: 'content_blocked' | 'no_image' | 'bad_image', cause: string): ModelAnswer {
  return { ok: false, failure: { code, cause } };
}
