import { createHash } from 'node:crypto';
import sharp from 'sharp';
import type { Painted } from './answer.ts';
import { invalidArgument } from './google-error.ts';
import type { LocalModel } from './models.ts';
import { paintPicture } from './paint/paint.ts';
import { nearestRatio, type PixelSize, pixelSize } from './pixel-size.ts';
import { sign } from './watermark.ts';

export interface Painter {
  /** @throws GoogleError INVALID_ARGUMENT where one of the input pictures does not decode. */
  paint(order: PaintOrder): Promise<Painted>;
}

interface PaintOrder {
  prompt: string;
  /** Null: as the first input picture, or square. */
  aspectRatio: string | null;
  imageSize: string;
  seed: number;
  pictures: Buffer[];
  model: LocalModel;
}

const CACHE_BYTES = 256 * 1024 * 1024;

/**
 * Paints pictures and remembers the last of them, so that the same order costs nothing the second time.
 * A `quick` painter paints each size once, and gives every order that picture with its own mark in it: for load.
 */
export function createPainter({ quick = false }: { quick?: boolean } = {}): Painter {
  const remembered = createCache(CACHE_BYTES);

  return {
    async paint(order) {
      const { mimeType } = order.model;
      const sizes = await Promise.all(order.pictures.map(readSize));
      const ratio =
        order.aspectRatio ?? (sizes[0] ? nearestRatio(sizes[0], order.model.aspectRatios) : '1:1');
      const size = pixelSize(ratio, order.imageSize);
      const mark = hash([
        order.prompt,
        String(order.seed),
        JSON.stringify(size),
        mimeType,
        ...order.pictures,
      ]);
      if (quick) {
        const job = { prompt: 'a calm morning by the sea', seed: 1, pictures: [], size, mimeType };
        const bytes = await remembered.get(`${ratio} ${order.imageSize} ${mimeType}`, () =>
          paintPicture(job),
        );
        return { bytes: sign(bytes, mark), mimeType };
      }
      const { prompt, seed, pictures } = order;
      const bytes = await remembered.get(mark, () =>
        paintPicture({ prompt, seed, pictures, size, mimeType }),
      );
      return { bytes, mimeType };
    },
  };
}

async function readSize(picture: Buffer): Promise<PixelSize> {
  try {
    const image = sharp(picture, { failOn: 'truncated' });
    const { width, height } = await image.metadata();
    await image.resize(8, 8).raw().toBuffer();
    return { width, height };
  } catch {
    throw invalidArgument('Unable to process input image. Please retry or report in https://ai.google.dev.');
  }
}

/** Keeps what was made last, up to so many bytes; work that is under way is shared, work that failed forgotten. */
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
