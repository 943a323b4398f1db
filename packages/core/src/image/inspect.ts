import sharp, { type Sharp } from 'sharp';
import type { Image } from './image.ts';
import { recognizeImage } from './recognize.ts';
import { encodeThumbnail } from './thumbnail.ts';

export interface ImageLimits {
  maxBytes: number;
  maxPixels: number;
}

/** What is taken as an input image. */
export const inputLimits: ImageLimits = { maxBytes: 20_000_000, maxPixels: 50_000_000 };

/** What is taken from a model; the largest image that any makes has about 20 million pixels. */
export const outputLimits: ImageLimits = { maxBytes: 100_000_000, maxPixels: 50_000_000 };

export type Inspection =
  /** Width and height are those of the image as it is shown: a turn noted in EXIF is counted in. */
  | { ok: true; mimeType: string; width: number; height: number; thumbnail?: Image }
  /** `truncated`: it begins as an image, but does not decode to its end. */
  | { ok: false; reason: 'not_an_image' | 'too_many_pixels' | 'too_large' | 'truncated' };

/** Decodes an image to its last row, whatever its header or name may say, and tells its type and size. */
export function inspectImage(bytes: Buffer, limits: ImageLimits): Promise<Inspection> {
  return inspect(bytes, limits, async (image) => {
    // The smallest result that still needs every row.
    await image.resize(16, 16, { fit: 'fill' }).raw().toBuffer();
    return {};
  });
}

/** {@link inspectImage} and the thumbnail of the image, for the price of one decoding. */
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

/** Reads the header alone, so it is safe with any number of pixels. */
async function readSize(bytes: Buffer): Promise<{ width: number; height: number } | null> {
  try {
    const { autoOrient } = await sharp(bytes, { limitInputPixels: false }).metadata();
    return { width: autoOrient.width, height: autoOrient.height };
  } catch {
    return null;
  }
}
