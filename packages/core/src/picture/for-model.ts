import sharp from 'sharp';
import type { Picture } from './picture.ts';

const understood: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/webp']);

/**
 * The picture in a format that every image model reads: as it is where it is one already, else as PNG, of an
 * animation the first frame. Expects bytes that passed the inspection, and the type which that found.
 */
export async function pictureForModel(picture: Picture): Promise<Picture> {
  if (understood.has(picture.mimeType)) return picture;
  const bytes = await sharp(picture.bytes, { failOn: 'error' }).autoOrient().png().toBuffer();
  return { bytes, mimeType: 'image/png' };
}
