import type { GenerateContentResponse, Part } from '@google/genai';
import type { ModelAnswer } from './model.ts';

/** Reasons that speak of the content: another try or another model would only ask for the same again. */
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

/** The parts of a `generateContent` answer that decide about it. */
export type ImageResponse = Pick<GenerateContentResponse, 'candidates' | 'promptFeedback'>;

/**
 * Finds the image in an answer of HTTP status 200, or says why there is none.
 * The image is the last one that is not a draft of the model's thinking; whether it decodes is not checked.
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

/** What the SDK types as text was decoded on its way in already, unless it is broken. */
function bytesOf(data: string | Buffer): Buffer | null {
  return typeof data === 'string' ? decodeBase64(data) : data;
}

/** Node skips what it does not understand; here every character must have been one of base64. */
function decodeBase64(text: string): Buffer | null {
  if (text.length % 4 !== 0) return null;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === (text.length / 4) * 3 - padding ? bytes : null;
}

function fail(code: 'content_blocked' | 'no_image' | 'bad_image', cause: string): ModelAnswer {
  return { ok: false, failure: { code, cause } };
}
