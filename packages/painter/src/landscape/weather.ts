import type { Canvas } from '../canvas.ts';
import { SHADOW } from '../colour.ts';
import { box, circle, stroke } from '../svg.ts';

/** Rain or snow before everything else, and a shadow around the edges of the image. */
export function weather(canvas: Canvas): string {
  const { width, height, scene, palette } = canvas;
  const fall = { rain, snow, clear: () => '' }[scene.weather];
  const edge = canvas.gradient('round', [
    [0.72, SHADOW, 0],
    [1, SHADOW, palette.time === 'night' ? 0.34 : 0.2],
  ]);
  return fall(canvas) + box(-width * 0.22, -height * 0.22, width * 1.44, height * 1.44, edge);
}

function rain(canvas: Canvas): string {
  const { width, height, unit } = canvas;
  const random = canvas.random.fork('rain');
  return Array.from({ length: 170 }, () => {
    const [x, y] = [random.between(-0.1, 1.1) * width, random.between(-0.05, 1) * height];
    const length = random.between(2.5, 6.5) * unit;
    const line = `M${x} ${y}l${-length * 0.22} ${length}`;
    return stroke(line, '#f2f8fb', random.between(0.14, 0.34) * unit, random.between(0.25, 0.6));
  }).join('');
}

function snow(canvas: Canvas): string {
  const { width, height, unit } = canvas;
  const random = canvas.random.fork('snow');
  return Array.from({ length: 150 }, () => {
    const r = unit * (0.18 + 0.75 * random.between(0, 1) ** 3);
    return circle(
      random.between(0, width),
      random.between(0, height),
      r,
      '#ffffff',
      random.between(0.5, 0.95),
    );
  }).join('');
}
