import sharp, { type Sharp } from 'sharp';
import type { Image } from './image.ts';
import { recognizeImage } from './recognize.ts';
import { encodeThumbnail } from './thumbnail.ts';

export interface ImageLimits {
  maxBytes: number;
  maxPixels: number;
}

/** The limits of an input image. */
export const inputLimits: ImageLimits = { maxBytes: 20_000_000, maxPixels: 50_000_000 };

/** The limits of an image from a model. The largest that a model makes has about 20 million pixels. */
export const outputLimits: ImageLimits = { maxBytes: 100_000_000, maxPixels: 50_000_000 };

export type Inspection =
  /** Width and height are those of the displayed image, after the EXIF rotation. */
  | { ok: true; mimeType: string; width: number; height: number; thumbnail?: Image }
  /** `truncated`: begins as an image, but does not decode to the end. */
  | { ok: false; reason: 'not_an_image' | 'too_many_pixels' | 'too_large' | 'truncated' };

/** Decodes an image completely and returns its detected type and its size. Never throws for a bad image. */
export function inspectImage(bytes: Buffer, limits: ImageLimits): Promise<Inspection> {
  return inspect(bytes, limits, async (image) => {
    // A small result that still requires every row to be decoded.
    await image.resize(16, 16, { fit: 'fill' }).raw().toBuffer();
    return {};
  });
}

/** {@link inspectImage} that also makes the thumbnail, with a single decoding. */
export function inspectAndThumbnail(bytes: Buffer, limits: ImageLimits): Promise<Inspection> {
  return inspect(bytes, limits, async (image) => ({ thumbnail: await encodeThumbnail(image) }));
}

async function inspect(
  bytes: Buffer,
  { maxBytes, maxPixels }: ImageLimits,
  decode: (image: Sharp) => Promise<{ thumbnail?: Image }>,
): Promise<Inspection> {
  if (bytes.length > maxBytes) return { ok: false, reason: 'too_large' };
  const mimeType = recognizeImage(bytes);
  if (mimeType === null) return { ok: false, reason: 'not_an_image' };
  const size = await readSize(bytes);
  if (size === null) return { ok: false, reason: 'truncated' };
  if (size.width * size.height > maxPixels) return { ok: false, reason: 'too_many_pixels' };

  try {
    const decoded = await decode(sharp(bytes, { failOn: 'error', limitInputPixels: maxPixels }));
    return { ok: true, mimeType, ...size, ...decoded };
  } catch {
    return { ok: false, reason: 'truncated' };
  }
}

/** Reads only the header, so any number of pixels is safe. */
async function readSize(bytes: Buffer): Promise<{ width: number; height: number } | null> {
  try {
    const { autoOrient } = await sharp(bytes, { limitInputPixels: false }).metadata();
    return { width: autoOrient.width, height: autoOrient.height };
  } catch {
    return null;
  }
}
