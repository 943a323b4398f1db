import sharp from 'sharp';
import { createCanvas } from './canvas.ts';
import { compose } from './composition.ts';
import { framedImage } from './framed-image.ts';
import { choosePalette } from './palette.ts';
import { paperGrain } from './paper.ts';
import { createRandom } from './random.ts';
import { readScene } from './scene.ts';

export interface PixelSize {
  width: number;
  height: number;
}

export interface PaintJob {
  prompt: string;
  seed: number;
  /** Images that came with the prompt; they decode. */
  images: Buffer[];
  size: PixelSize;
  mimeType: 'image/png' | 'image/jpeg';
}

/** How many of the given images are shown. */
const MOST_FRAMED = 3;
/** The longer side that is drawn at most; larger images are enlarged from it. */
const LARGEST_DRAWN_PX = 2816;

/** Paints what a prompt asks for, as far as it can. The same job always gives the same image. */
export async function paintImage({ prompt, seed, images, size, mimeType }: PaintJob): Promise<Buffer> {
  const random = createRandom(`${prompt.toLowerCase().trim()} ${seed}`);
  const scene = readScene(prompt);
  const palette = choosePalette(scene, random.fork('palette'));
  const scale = Math.min(1, LARGEST_DRAWN_PX / Math.max(size.width, size.height));
  const [width, height] = [Math.round(size.width * scale), Math.round(size.height * scale)];
  const canvas = createCanvas({ width, height, palette, scene, random });
  const framed = await Promise.all(images.slice(0, MOST_FRAMED).map(framedImage));
  const drawn = compose(canvas, prompt, framed);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${canvas.definitions()}${drawn}</svg>`;
  const { data, info } = await sharp(Buffer.from(svg), { unlimited: true })
    .composite([{ input: await paperGrain({ width, height }), tile: true, blend: 'soft-light' }])
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const image = sharp(data, { raw: info });
  const sized = scale === 1 ? image : image.resize(size.width, size.height, { kernel: 'lanczos3' });
  return await (mimeType === 'image/png'
    ? sized.png({ compressionLevel: 4, adaptiveFiltering: false })
    : sized.jpeg({ quality: 90 })
  ).toBuffer();
}
