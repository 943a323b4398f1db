import sharp from 'sharp';

/**
 * Sets up the picture library for a server that runs many jobs in one process: no cache of operations, one
 * thread a picture. Call once, before the first picture.
 */
export function configurePictures(): void {
  sharp.cache(false);
  sharp.concurrency(1);
}
