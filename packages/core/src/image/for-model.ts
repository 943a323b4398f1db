import sharp from 'sharp';
import type { Image } from './image.ts';

const understood: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/webp']);

/**
 * Returns the image in a format that every image model accepts. PNG, JPEG and WebP stay unchanged; other formats become
 * PNG, with only the first frame of an animation. The bytes and the type must come from a successful inspection.
 */
export async function imageForModel(image: Image): Promise<Image> {
  if (understood.has(image.mimeType)) return image;
  const bytes = await sharp(image.bytes, { failOn: 'error' }).autoOrient().png().toBuffer();
  return { bytes, mimeType: 'image/png' };
}
