import sharp from 'sharp';
import { createRandom } from './random.ts';

const TILE_PX = 512;
let made: Promise<Buffer> | undefined;

/** A grey tile of paper grain to lay over an image; not larger than the image. */
export async function paperGrain(image: { width: number; height: number }): Promise<Buffer> {
  made ??= makeGrain();
  const [width, height] = [Math.min(TILE_PX, image.width), Math.min(TILE_PX, image.height)];
  return await sharp(await made)
    .extract({ left: 0, top: 0, width, height })
    .png()
    .toBuffer();
}

/** Fine noise over noise of some pixels' width. */
async function makeGrain(): Promise<Buffer> {
  const random = createRandom('paper');
  const noise = (count: number) => Uint8Array.from({ length: count }, () => random.between(72, 184));
  const coarse = await sharp(noise(170 * 170), { raw: { width: 170, height: 170, channels: 1 } })
    .resize(TILE_PX, TILE_PX, { kernel: 'cubic' })
    .toColourspace('b-w')
    .raw()
    .toBuffer();
  const pixels = noise(TILE_PX * TILE_PX).map(
    (value, at) => 128 + (value - 128) * 0.34 + (coarse[at]! - 128) * 0.25,
  );
  return await sharp(Buffer.from(pixels), { raw: { width: TILE_PX, height: TILE_PX, channels: 1 } })
    .toColourspace('srgb')
    .png()
    .toBuffer();
}
