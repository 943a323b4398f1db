import type { Canvas } from '../canvas.ts';
import { darken, lighten, mix } from '../colour.ts';
import { corners, type Point, shape } from '../svg.ts';

/** A range of peaks with snow, lit from one side; `base` and `tall` in pixels. */
export function mountains(canvas: Canvas, name: string, base: number, tall: number, colour: string): string {
  const { width, height, palette } = canvas;
  const random = canvas.random.fork(name);
  const count = Math.max(3, Math.round((width / height) * random.between(3, 4.2)));
  const snow = mix('#fbfaf4', colour, 0.08 + palette.dimmed);
  return Array.from({ length: count }, (_, at) => ({
    x: (width * (at + random.between(0.15, 0.85))) / count,
    rise: tall * random.between(0.55, 1),
    half: tall * random.between(0.75, 1.05),
  }))
    .sort((a, b) => b.rise - a.rise)
    .map(({ x, rise, half }) => {
      const at = (across: number, down: number): Point => [x + half * across, base - rise * (1 - down)];
      const ridge = [at(0.06, 1), at(-0.05, 0.66), at(0.09, 0.42), at(-0.04, 0.22)];
      const cap = (side: number) =>
        corners([
          at(0, 0),
          at(side * 0.34, 0.34),
          at(side * 0.24, 0.28),
          at(side * 0.15, 0.4),
          at(side * 0.07, 0.29),
          ridge[3]!,
        ]);
      const face = (side: number) => corners([at(0, 0), at(side * 0.58, 0.53), at(side, 1), ...ridge]);
      return [
        shape(face(-1), lighten(colour, 0.16)),
        shape(face(1), darken(colour, 0.12)),
        shape(cap(-1), snow),
        shape(cap(1), mix(snow, colour, 0.38)),
      ].join('');
    })
    .join('');
}
