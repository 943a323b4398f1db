import { availableParallelism } from 'node:os';
import sharp from 'sharp';
import type { DeskLimits } from './decode-limiter.ts';

/**
 * Sets up the image library for a server that runs many jobs in one process: no cache of operations, one
 * thread an image. Call once, before the first image.
 */
export function configureImages(): void {
  sharp.cache(false);
  sharp.concurrency(1);
}

/**
 * What a process takes in at a time: one image more than there are processors, so that none rests while a decoded one is
 * handed on; of the four threads that Node gives to such work, one is left to look up names.
 */
export function decodeLimits(): DeskLimits {
  return { decodings: Math.min(availableParallelism() + 1, 3), room: 64 };
}
