import sharp from 'sharp';
import type { Image } from './image.ts';

const understood: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/webp']);

/**
 * The image in a format that every image model reads: as it is where it is one already, else as PNG, of an
 * animation the first frame. Expects bytes that passed the inspection, and the type which that found.
 */
export async function imageForModel(image: Image): Promise<Image> {
  if (understood.has(image.mimeType)) return image;
  const bytes = await sharp(image.bytes, { failOn: 'error' }).autoOrient().png().toBuffer();
  return { bytes, mimeType: 'image/png' };
}
