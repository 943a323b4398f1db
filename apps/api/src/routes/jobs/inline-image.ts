import { createHash } from 'node:crypto';
import { inputLimits } from '@darkroom/core/image/inspect';
import { ProblemError } from '../../problem/problem.ts';
import { invalidField } from '../../problem/validation.ts';

/** The decoded bytes of an image inside a request. Not yet known to be an image. */
export interface InlineImage {
  bytes: Buffer;
  /** SHA-256, hex. */
  sha256: string;
}

/** The field that holds it. */
export const inlineImageField = 'reference_image_base64';

/** Decodes base64 or a data: URL, strictly. @throws ProblemError invalid_request, payload_too_large */
export function decodeInlineImage(text: string): InlineImage {
  const base64 = withoutDataUrl(text);
  const bytes = decodeBase64(base64);
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

export function imageTooLarge(): ProblemError {
  const detail = `The image may have at most ${inputLimits.maxBytes} bytes.`;
  return new ProblemError({
    code: 'payload_too_large',
    detail,
    errors: [{ path: inlineImageField, message: detail }],
  });
}

const dataUrlPrefix = /^data:[\w.+-]+\/[\w.+-]+(;[\w.+-]+=[\w.+-]+)*;base64,/i;

function withoutDataUrl(text: string): string {
  if (!/^data:/i.test(text)) return text;
  const prefix = dataUrlPrefix.exec(text.slice(0, 256))?.[0];
  if (prefix === undefined)
    throw invalidField(inlineImageField, 'Must be base64 or a data: URL with base64.');
  return text.slice(prefix.length);
}

function decodeBase64(text: string): Buffer {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const length = (text.length / 4) * 3 - padding;
  if (length > inputLimits.maxBytes) throw imageTooLarge();
  // Buffer.from skips invalid characters and accepts base64url; the length and the test for - and _ reveal both.
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 0 || bytes.length !== length || /[-_]/.test(text)) {
    throw invalidField(inlineImageField, 'Must be base64 with padding, or a data: URL of it.');
  }
  return bytes;
}
