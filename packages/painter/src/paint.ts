import sharp, { type Sharp } from 'sharp';
import { darken } from './colour.ts';
import { compose } from './compose.ts';
import { exhibit } from './easel.ts';
import { choosePalette } from './palette.ts';
import type { PixelSize } from './pixel-size.ts';
import { createRandom, type Random } from './random.ts';
import { createSheet, type Sheet } from './sheet.ts';
import { blob, box, type Point, shape } from './svg.ts';
import { grain } from './texture.ts';
import { CREATURES, readWish, type Setting, type Wish } from './wish.ts';

export interface PaintJob {
  prompt: string;
  seed: number;
  /** Images that came with the prompt; they decode. */
  images: Buffer[];
  size: PixelSize;
  mimeType: 'image/png' | 'image/jpeg';
}

/** How many given images fit into a scene. */
const MOST_EXHIBITS = 3;
/** The longer side that a scene is drawn at; larger images are enlarged from it. */
const LARGEST_DRAWN_PX = 2816;

/** Paints what a prompt asks for. The same job always gives the same image. */
export async function paintImage(job: PaintJob): Promise<Buffer> {
  const random = createRandom(`${job.prompt.toLowerCase().trim()} ${job.seed}`);
  const wish = imagine(readWish(job.prompt), random, job.images.length > 0);
  const palette = choosePalette(wish, random.fork('palette'));
  const drawn = canvasOf(job.size);
  const sheet = createSheet({ ...drawn, wish, palette, random });
  const exhibits = await Promise.all(job.images.slice(0, MOST_EXHIBITS).map((one) => exhibit(one, palette)));
  const scene = compose(sheet, exhibits);
  const painted = await inStyle(svgOf(sheet, scene), sheet, job.size);
  return await encode(painted, job.mimeType);
}

/** Makes up what the prompt leaves open. */
function imagine(wish: Wish, random: Random, exhibition: boolean): Wish {
  const choice = random.fork('imagine');
  const spaced = wish.suited || wish.actors.some((one) => one.kind === 'astronaut');
  const setting =
    wish.setting ??
    (spaced ? 'space' : choice.pick<Setting>(['hills', 'hills', 'meadow', 'forest', 'mountains', 'sea']));
  const lonely = wish.actors.length === 0 && (exhibition || !wish.understood);
  const actors = lonely ? [{ kind: choice.pick(CREATURES.slice(0, 11)), colour: null }] : wish.actors;
  const time = setting === 'space' ? 'night' : wish.time;
  return { ...wish, setting, actors, time };
}

function canvasOf({ width, height }: PixelSize): PixelSize {
  const scale = Math.min(1, LARGEST_DRAWN_PX / Math.max(width, height));
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

function svgOf(sheet: Sheet, scene: string): Buffer {
  const { width, height } = sheet;
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${sheet.definitions()}${scene}</svg>`,
  );
}

async function inStyle(svg: Buffer, sheet: Sheet, size: PixelSize): Promise<Sharp> {
  const { width, height, wish } = sheet;
  const paper = { input: await grain(sheet), tile: true, blend: 'soft-light' as const };
  if (wish.style === 'pixel') {
    const dot = Math.max(2, Math.round(sheet.unit * 1.05));
    const small = await sharp(svg, { unlimited: true })
      .resize(Math.ceil(width / dot))
      .png({ palette: true, colours: 40, dither: 0 })
      .toBuffer();
    return sharp(small).resize(size.width, size.height, { kernel: 'nearest', fit: 'fill' });
  }
  const raw = { width, height, channels: 4 as const };
  const layers = wish.style === 'watercolour' ? [{ input: await washEdge(sheet), raw }, paper] : [paper];
  const flat = await sharp(svg, { unlimited: true })
    .flatten({ background: '#fdf8ec' })
    .composite(layers)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const image = sharp(flat.data, { raw: flat.info });
  const sized = size.width === width ? image : image.resize(size.width, size.height, { kernel: 'lanczos3' });
  if (wish.style === 'monochrome') return sized.greyscale().tint('#f4ead8');
  return wish.style === 'watercolour' ? sized.modulate({ saturation: 0.82, brightness: 1.02 }) : sized;
}

/** Bare paper around the edges, where the wash has run out, and the darker rim that it left. */
async function washEdge(sheet: Sheet): Promise<Buffer> {
  const [width, height] = [Math.ceil(sheet.width / 2), Math.ceil(sheet.height / 2)];
  const unit = sheet.unit / 2;
  const random = sheet.random.fork('wash');
  const wave = Array.from({ length: 9 }, () => ({
    often: random.whole(3, 34),
    phase: random.between(0, 6.3),
  }));
  const outline = (inset: number): string => {
    const points = Array.from({ length: 160 }, (_, at): Point => {
      const turn = (at / 160) * Math.PI * 2;
      const [x, y] = [Math.cos(turn), Math.sin(turn)];
      const reach = 1 / Math.max(Math.abs(x), Math.abs(y)) ** 0.93;
      const wobble = wave.reduce(
        (sum, one) => sum + Math.sin(turn * one.often + one.phase) * unit * (3 / one.often ** 0.8),
        0,
      );
      return [
        width / 2 + x * reach * (width / 2 - inset - wobble),
        height / 2 + y * reach * (height / 2 - inset - wobble),
      ];
    });
    return blob(points);
  };
  const paper = '#fdf8ec';
  const around = `M-9 -9H${width + 9}V${height + 9}H-9Z`;
  const rim = shape(outline(unit * 5), 'none', {
    stroke: darken(sheet.palette.sky[0], 0.2),
    'stroke-width': unit * 0.8,
    opacity: 0.2,
  });
  const fade = shape(around + outline(unit * 6), paper, { 'fill-rule': 'evenodd', opacity: 0.22 });
  const bare = shape(around + outline(unit * 4.6), paper, { 'fill-rule': 'evenodd' });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${box(0, 0, width, height, paper, { opacity: 0.04 })}${fade}${rim}${bare}</svg>`;
  return await sharp(Buffer.from(svg))
    .blur(1.1)
    .resize(sheet.width, sheet.height, { fit: 'fill' })
    .raw()
    .toBuffer();
}

function encode(image: Sharp, mimeType: PaintJob['mimeType']): Promise<Buffer> {
  return mimeType === 'image/png'
    ? image.png({ compressionLevel: 4, adaptiveFiltering: false }).toBuffer()
    : image.jpeg({ quality: 90 }).toBuffer();
}
