import { createHash } from 'node:crypto';
import type { PixelSize } from '@darkroom/painter/paint';
import { paintImage } from '@darkroom/painter/paint';
import sharp from 'sharp';
import type { Painted } from './answer.ts';
import { invalidArgument } from './google-error.ts';
import type { LocalModel } from './models.ts';
import { nearestRatio, pixelSize } from './pixel-size.ts';
import { sign } from './watermark.ts';

export interface Painter {
  /** @throws GoogleError INVALID_ARGUMENT when an input image does not decode. */
  paint(order: PaintOrder): Promise<Painted>;
}

interface PaintOrder {
  prompt: string;
  /** Null: the ratio of the first input image, or square. */
  aspectRatio: string | null;
  imageSize: string;
  seed: number;
  images: Buffer[];
  model: LocalModel;
}

const CACHE_BYTES = 256 * 1024 * 1024;

/**
 * Paints images and caches the last ones, so that a repeated order costs nothing.
 * A `quick` painter paints each size once and answers every order with that image and a unique mark in it, for load.
 */
export function createPainter({ quick = false }: { quick?: boolean } = {}): Painter {
  const remembered = createCache(CACHE_BYTES);

  return {
    async paint(order) {
      const { mimeType } = order.model;
      const sizes = await Promise.all(order.images.map(readSize));
      const ratio =
        order.aspectRatio ?? (sizes[0] ? nearestRatio(sizes[0], order.model.aspectRatios) : '1:1');
      const size = pixelSize(ratio, order.imageSize);
      const mark = hash([order.prompt, String(order.seed), JSON.stringify(size), mimeType, ...order.images]);
      if (quick) {
        const job = { prompt: 'a calm morning by the sea', seed: 1, images: [], size, mimeType };
        const bytes = await remembered.get(`${ratio} ${order.imageSize} ${mimeType}`, () => paintImage(job));
        return { bytes: sign(bytes, mark), mimeType };
      }
      const { prompt, seed, images } = order;
      const bytes = await remembered.get(mark, () => paintImage({ prompt, seed, images, size, mimeType }));
      return { bytes, mimeType };
    },
  };
}

async function readSize(bytes: Buffer): Promise<PixelSize> {
  try {
    const image = sharp(bytes, { failOn: 'truncated' });
    const { width, height } = await image.metadata();
    await image.resize(8, 8).raw().toBuffer();
    return { width, height };
  } catch {
    throw invalidArgument('Unable to process input image. Please retry or report in https://ai.google.dev.');
  }
}

/** Keeps the last results up to a number of bytes. Work in progress is shared; failed work is not kept. */
function createCache(mostBytes: number) {
  const entries = new Map<string, Promise<Buffer>>();
  const sizes = new Map<string, number>();
  let total = 0;

  function forget(key: string): void {
    entries.delete(key);
    total -= sizes.get(key) ?? 0;
    sizes.delete(key);
  }

  return {
    async get(key: string, make: () => Promise<Buffer>): Promise<Buffer> {
      const known = entries.get(key);
      if (known) return await known;
      const made = make();
      entries.set(key, made);
      made.then(
        (bytes) => {
          sizes.set(key, bytes.length);
          total += bytes.length;
          for (const oldest of [...sizes.keys()]) if (total > mostBytes && oldest !== key) forget(oldest);
        },
        () => forget(key),
      );
      return await made;
    },
  };
}

function hash(parts: (string | Buffer)[]): string {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(String(part.length)).update(' ').update(part);
  return digest.digest('hex');
}
