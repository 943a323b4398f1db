import { availableParallelism } from 'node:os';
import sharp from 'sharp';
import type { DeskLimits } from './desk.ts';

/**
 * Sets up the picture library for a server that runs many jobs in one process: no cache of operations, one
 * thread a picture. Call once, before the first picture.
 */
export function configurePictures(): void {
  sharp.cache(false);
  sharp.concurrency(1);
}

/**
 * What a process takes in at a time: one picture more than there are processors, so that none rests while a decoded one is
 * handed on; of the four threads that Node gives to such work, one is left to look up names.
 */
export function deskLimits(): DeskLimits {
  return { decodings: Math.min(availableParallelism() + 1, 3), room: 64 };
}
