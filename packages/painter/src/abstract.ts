import type { Canvas } from './canvas.ts';
import { lighten, mix } from './colour.ts';
import { LAMP } from './palette.ts';
import { box, circle, type Point, shape, smooth, stroke } from './svg.ts';

/** Coloured bands, discs and arcs, for what the painter cannot draw. */
export function abstract(canvas: Canvas): string {
  const { width, height, unit, palette } = canvas;
  const random = canvas.random.fork('abstract');
  const colours = [...palette.hills, ...palette.sky, palette.light, LAMP, '#e2725b', '#449f9c'];
  const bands = Array.from({ length: 7 }, (_, at) => {
    const y = height * (0.1 + at * 0.13);
    const edge = [-0.1, 0.2, 0.5, 0.8, 1.1].map(
      (share): Point => [width * share, y + random.between(-9, 9) * unit],
    );
    const colour = mix(random.pick(colours), palette.sky[1], 0.35);
    return shape(
      `${smooth(edge)}V${height}H${-width * 0.1}Z`,
      canvas.gradient('down', [lighten(colour, 0.2), colour]),
      0.75,
    );
  });
  const discs = Array.from({ length: 9 }, () => {
    const [x, y, r] = [random.between(0, width), random.between(0, height), unit * random.between(5, 17)];
    const colour = random.pick(colours);
    return random.chance(0.6)
      ? circle(x, y, r, colour, random.between(0.5, 0.9))
      : stroke(`M${x - r} ${y}A${r} ${r} 0 0 1 ${x + r} ${y}`, colour, unit * random.between(1.5, 4), 0.8);
  });
  return box(0, 0, width, height, palette.sky[1]) + bands.join('') + discs.join('');
}
