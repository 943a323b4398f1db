import { availableParallelism } from 'node:os';
import sharp from 'sharp';
import type { DecodeLimits } from './decode-limiter.ts';

/**
 * Configures the image library for many jobs in one process: no operation cache, one thread per image.
 * Call once, before the first image.
 */
export function configureImages(): void {
  sharp.cache(false);
  sharp.concurrency(1);
}

/**
 * The default limits of a process. It decodes one image more than there are processors, so that no processor is idle while
 * a decoded image is passed on. At most three, so that one of the four threads of Node's pool is free for DNS lookups.
 */
export function decodeLimits(): DecodeLimits {
  return { decodings: Math.min(availableParallelism() + 1, 3), room: 64 };
}
