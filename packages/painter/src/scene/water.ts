import { darken, lighten } from '../colour.ts';
import type { Sheet } from '../sheet.ts';
import { box, type Point, smooth, stroke } from '../svg.ts';

/** Open water from the horizon down, with the glitter of the light on it. */
export function water(sheet: Sheet): string {
  const { width, height, horizon, unit, palette } = sheet;
  const random = sheet.random.fork('water');
  const [far, near] = palette.water;
  const stormy = sheet.wish.weather === 'storm';
  const surface = box(
    0,
    horizon,
    width,
    height - horizon,
    sheet.gradient('down', [
      [0, far],
      [0.22, lighten(near, 0.15)],
      [1, near],
    ]),
  );
  const waves = Array.from({ length: 70 }, (_, at) => {
    const share = ((at + random.between(0, 1)) / 70) ** 1.5;
    const y = horizon + share * (height - horizon) * 0.9 + unit;
    const length = (4 + share * 20) * unit * random.between(0.7, 1.3);
    const x = random.between(-0.1, 1) * width;
    const lift = (0.3 + share * (stormy ? 3.2 : 1.3)) * unit;
    const line: Point[] = [
      [x, y],
      [x + length * 0.25, y - lift],
      [x + length * 0.5, y],
      [x + length * 0.75, y + lift * 0.7],
      [x + length, y],
    ];
    const colour = random.chance(0.6) ? lighten(far, 0.35) : darken(near, 0.25);
    return stroke(smooth(line), colour, (0.3 + share * 1.1) * unit, { opacity: random.between(0.25, 0.6) });
  });
  return surface + glitter(sheet) + waves.join('');
}

function glitter(sheet: Sheet): string {
  const { lightX: x, height, horizon, unit, palette, wish } = sheet;
  if (wish.weather === 'rain' || wish.weather === 'storm') return '';
  const random = sheet.random.fork('glitter');
  return Array.from({ length: 26 }, (_, at) => {
    const share = at / 25;
    const y = horizon + unit * 0.8 + share * (height - horizon) * 0.62;
    const half = unit * (2.2 + share * 9) * random.between(0.35, 1);
    const shift = random.between(-1, 1) * unit * (1 + share * 5);
    return stroke(
      `M${x + shift - half} ${y}L${x + shift + half} ${y}`,
      palette.light,
      unit * (0.35 + share * 0.7),
      { opacity: 0.75 - share * 0.4 },
    );
  }).join('');
}
