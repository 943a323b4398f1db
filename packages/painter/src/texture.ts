import sharp from 'sharp';
import { createRandom } from './random.ts';

const TILE_PX = 512;

let made: Promise<Buffer> | undefined;

/**
 * A tile of paper grain, grey around the middle, without a seam, to be laid over an image.
 * It is no larger than the image.
 */
export async function grain(image: { width: number; height: number }): Promise<Buffer> {
  made ??= makeGrain();
  if (Math.min(image.width, image.height) >= TILE_PX) return await made;
  const [width, height] = [Math.min(TILE_PX, image.width), Math.min(TILE_PX, image.height)];
  return await sharp(await made)
    .extract({ left: 0, top: 0, width, height })
    .png()
    .toBuffer();
}

/** Fine grain of the paper, over the slow drift of paint that dried unevenly. */
async function makeGrain(): Promise<Buffer> {
  const [tooth, fibre, drift] = [noise('tooth', TILE_PX), noise('fibre', 170), noise('drift', 14)];
  const pixels = Buffer.alloc(TILE_PX * TILE_PX);
  for (let y = 0; y < TILE_PX; y += 1) {
    for (let x = 0; x < TILE_PX; x += 1) {
      pixels[y * TILE_PX + x] = 128 + tooth(x, y) * 24 + fibre(x, y) * 20 + drift(x, y) * 16;
    }
  }
  const raw = { width: TILE_PX, height: TILE_PX, channels: 1 as const };
  return await sharp(pixels, { raw }).toColourspace('srgb').png().toBuffer();
}

/** Smooth noise from -1 to 1 with so many cells a side, that meets itself at the edges. */
function noise(seed: string, cells: number): (x: number, y: number) => number {
  const random = createRandom(seed);
  const values = Float32Array.from({ length: cells * cells }, () => random.between(-1, 1));
  const at = (column: number, row: number) => values[(row % cells) * cells + (column % cells)]!;
  const ease = (share: number) => share * share * (3 - 2 * share);
  return (x, y) => {
    const [across, down] = [(x * cells) / TILE_PX, (y * cells) / TILE_PX];
    const [column, row] = [Math.floor(across), Math.floor(down)];
    const [right, below] = [ease(across - column), ease(down - row)];
    const upper = at(column, row) * (1 - right) + at(column + 1, row) * right;
    const lower = at(column, row + 1) * (1 - right) + at(column + 1, row + 1) * right;
    return upper * (1 - below) + lower * below;
  };
}
