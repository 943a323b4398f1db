import { createHash } from 'node:crypto';
import { inputLimits } from '@darkroom/core/image/inspect';
import { invalid } from '../../problem/invalid.ts';
import { ProblemError } from '../../problem/problem.ts';

/** An image that came inside the request; not yet known to be one. */
export interface InlineImage {
  bytes: Buffer;
  /** Hex. */
  sha256: string;
}

/** The field that carries it. */
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
    throw invalid(inlineImageField, 'The data: URL is not one of an image in base64.');
  return text.slice(prefix.length);
}

function decodeBase64(text: string): Buffer {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const length = (text.length / 4) * 3 - padding;
  if (length > inputLimits.maxBytes) throw imageTooLarge();
  // Buffer skips what is not base64 and takes the alphabet of URLs too: both show.
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 0 || bytes.length !== length || /[-_]/.test(text)) {
    throw invalid(inlineImageField, 'Must be base64 with padding, or a data: URL of it.');
  }
  return bytes;
}
