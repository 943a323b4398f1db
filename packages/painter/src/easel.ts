import sharp from 'sharp';
import { darken } from './colour.ts';
import type { Palette } from './palette.ts';
import { box, oval, polygon, shape, stroke, tag } from './svg.ts';

/** A given image, made ready to stand in a scene. */
export interface Exhibit {
  /** A JPEG as a data address. */
  href: string;
  width: number;
  height: number;
}

const SIDE_PX = 480;

/** Repaints a given image a little: broader strokes, warmer colours. */
export async function exhibit(image: Buffer, palette: Palette): Promise<Exhibit> {
  const tint = palette.dusk > 0.15 ? { r: 222, g: 214, b: 255 } : { r: 255, g: 244, b: 226 };
  const { data, info } = await sharp(image)
    .rotate()
    .resize(SIDE_PX, SIDE_PX, { fit: 'inside' })
    .flatten({ background: '#fdf8ec' })
    .median(3)
    .modulate({ saturation: 1.25, brightness: 1.04 })
    .composite([
      {
        input: { create: { width: 1, height: 1, channels: 3, background: tint } },
        tile: true,
        blend: 'multiply',
      },
    ])
    .jpeg({ quality: 88 })
    .toBuffer({ resolveWithObject: true });
  return {
    href: `data:image/jpeg;base64,${data.toString('base64')}`,
    width: info.width,
    height: info.height,
  };
}

/** The image in a frame on an easel, its feet at the origin, about 230 tall. */
export function easel({ href, width, height }: Exhibit, frame: string): string {
  const scale = Math.min(210 / width, 168 / height);
  const [wide, tall] = [width * scale, height * scale];
  const [left, top] = [-wide / 2, -58 - tall];
  return [
    oval(0, 0, wide * 0.55, 11, '#1d1b3a', { opacity: 0.22 }),
    stroke(`M0 ${top - 18}L26 -2`, '#6d472f', 8),
    stroke(`M-6 ${top - 24}L${-wide * 0.36 - 22} 0M6 ${top - 24}L${wide * 0.36 + 22} 0`, '#9a6a45', 9),
    box(left - 12, top - 12, wide + 24, tall + 24, darken(frame, 0.35), { rx: 5 }),
    box(left - 12, top - 12, wide + 24, tall + 20, frame, { rx: 5 }),
    box(left - 5, top - 5, wide + 10, tall + 10, '#fffaf0'),
    tag('image', { href, x: left, y: top, width: wide, height: tall, preserveAspectRatio: 'none' }),
    polygon(
      [
        [left, top],
        [left + wide * 0.42, top],
        [left + wide * 0.16, top + tall],
        [left, top + tall],
      ],
      '#ffffff',
      { opacity: 0.1 },
    ),
    box(left - 16, -44, wide + 32, 9, '#8a5b3a', { rx: 4 }),
    stroke(`M${wide * 0.2} -46l16 -12`, '#d9b27a', 4),
    shape(`M${wide * 0.2 + 15} -57l9 -9q3 6 -4 12Z`, '#d9594c'),
  ].join('');
}
