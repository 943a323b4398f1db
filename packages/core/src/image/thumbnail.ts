import sharp, { type Sharp } from 'sharp';
import type { Image } from './image.ts';

const longerSide = 512;

/**
 * A small copy of an image, turned upright: WebP, its longer side 512 pixels, or less if it was smaller.
 * The bytes must have passed the inspection; throws when they do not decode.
 */
export function makeThumbnail(bytes: Buffer): Promise<Image> {
  return encodeThumbnail(sharp(bytes, { failOn: 'error' }));
}

/** {@link makeThumbnail} of an image that is already set up for decoding. */
export async function encodeThumbnail(image: Sharp): Promise<Image> {
  const bytes = await image
    .autoOrient()
    .resize(longerSide, longerSide, { fit: 'inside', withoutEnlargement: true })
    // More effort would take half as long again as all the rest and save five bytes in a hundred.
    .webp({ quality: 80, effort: 2 })
    .toBuffer();
  return { bytes, mimeType: 'image/webp' };
}
