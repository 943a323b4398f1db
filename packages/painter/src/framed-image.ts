import sharp from 'sharp';
import { darken, SHADOW } from './colour.ts';
import { box, oval, stroke, tag } from './svg.ts';

const SIDE_PX = 480;

/** An image that came with the prompt, framed on an easel: about 230 tall, its feet at the origin. */
export async function framedImage(image: Buffer): Promise<string> {
  const { data, info } = await sharp(image)
    .rotate()
    .resize(SIDE_PX, SIDE_PX, { fit: 'inside' })
    .flatten({ background: '#fdf8ec' })
    .jpeg({ quality: 88 })
    .toBuffer({ resolveWithObject: true });
  const scale = Math.min(210 / info.width, 168 / info.height);
  const [width, height] = [info.width * scale, info.height * scale];
  const [x, y, frame, wood] = [-width / 2, -58 - height, '#c99a55', '#9a6a45'];
  const href = `data:image/jpeg;base64,${data.toString('base64')}`;
  return [
    oval(0, 0, width * 0.55, 11, SHADOW, 0.22),
    stroke(`M0 ${y - 18}L26 -2`, darken(wood, 0.3), 8),
    stroke(`M-6 ${y - 24}L${-width * 0.36 - 22} 0M6 ${y - 24}L${width * 0.36 + 22} 0`, wood, 9),
    box(x - 12, y - 12, width + 24, height + 24, darken(frame, 0.35), 5),
    box(x - 12, y - 12, width + 24, height + 20, frame, 5),
    box(x - 5, y - 5, width + 10, height + 10, '#fffaf0'),
    tag('image', { href, x, y, width, height, preserveAspectRatio: 'none' }),
    box(x - 16, -44, width + 32, 9, darken(wood, 0.15), 4),
  ].join('');
}
