import { createHash } from 'node:crypto';
import { inputLimits } from '@darkroom/core/picture/inspect';
import { invalid } from '../../problem/invalid.ts';
import { ProblemError } from '../../problem/problem.ts';

/** A picture that came inside the request; not yet known to be one. */
export interface InlinePicture {
  bytes: Buffer;
  /** Hex. */
  sha256: string;
}

/** The field that carries it. */
export const inlinePictureField = 'reference_image_base64';

/** Decodes base64 or a data: URL, strictly. @throws ProblemError invalid_request, payload_too_large */
export function decodeInlinePicture(text: string): InlinePicture {
  const base64 = withoutDataUrl(text);
  const bytes = decodeBase64(base64);
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

export function pictureTooLarge(): ProblemError {
  const detail = `The picture may have at most ${inputLimits.maxBytes} bytes.`;
  return new ProblemError({
    code: 'payload_too_large',
    detail,
    errors: [{ path: inlinePictureField, message: detail }],
  });
}

const dataUrlPrefix = /^data:[\w.+-]+\/[\w.+-]+(;[\w.+-]+=[\w.+-]+)*;base64,/i;

function withoutDataUrl(text: string): string {
  if (!/^data:/i.test(text)) return text;
  const prefix = dataUrlPrefix.exec(text.slice(0, 256))?.[0];
  if (prefix === undefined)
    throw invalid(inlinePictureField, 'The data: URL is not one of a picture in base64.');
  return text.slice(prefix.length);
}

function decodeBase64(text: string): Buffer {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const length = (text.length / 4) * 3 - padding;
  if (length > inputLimits.maxBytes) throw pictureTooLarge();
  // Buffer skips what is not base64 and takes the alphabet of URLs too: both show.
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 0 || bytes.length !== length || /[-_]/.test(text)) {
    throw invalid(inlinePictureField, 'Must be base64 with padding, or a data: URL of it.');
  }
  return bytes;
}
