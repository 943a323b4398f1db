import type { Canvas } from '../canvas.ts';
import { darken, lighten, mix, SHADOW } from '../colour.ts';
import { LAMP } from '../palette.ts';
import type { Random } from '../random.ts';
import { box, circle, corners, shape, stroke } from '../svg.ts';

/** Three rows of houses, the farther the paler, with light in the windows of the nearer two. */
export function city(canvas: Canvas): string {
  const { horizon, unit, palette } = canvas;
  const dark = palette.time === 'night' || palette.time === 'dusk';
  const pale = mix(palette.hills[0], palette.sky[2], 0.3);
  return [
    row(canvas, 'far', horizon + unit * 9, 22, 44, pale, 0),
    row(canvas, 'middle', horizon + unit * 13, 15, 34, palette.hills[1], dark ? 0.4 : 0.12),
    row(canvas, 'near', horizon + unit * 18, 11, 26, palette.hills[2], dark ? 0.6 : 0.25),
  ].join('');
}

function row(
  canvas: Canvas,
  name: string,
  base: number,
  low: number,
  high: number,
  colour: string,
  lit: number,
): string {
  const { width, height, unit } = canvas;
  const random = canvas.random.fork(`city ${name}`);
  const houses: string[] = [];
  for (let x = -unit * 4; x < width; ) {
    const [wide, top] = [unit * random.between(7, 14), base - unit * random.between(low, high)];
    const tint = random.pick(['#d98b6a', '#7f95c4', '#c9b48a', colour]);
    const wall = mix(colour, tint, name === 'far' ? 0.08 : 0.22);
    const fill = canvas.gradient('down', [lighten(wall, 0.12), darken(wall, 0.16)]);
    houses.push(
      box(x, top, wide, height - top, fill),
      box(x + wide * 0.82, top, wide * 0.18, height - top, SHADOW, 0, 0.12),
      roof(x, top, wide, unit, darken(wall, 0.25), random.whole(0, 3)),
      lit > 0 ? windows(x, top, wide, base, unit, wall, lit, random) : '',
    );
    x += wide + unit * random.between(-0.4, 1.2);
  }
  return houses.join('');
}

function windows(
  x: number,
  top: number,
  wide: number,
  base: number,
  unit: number,
  wall: string,
  lit: number,
  random: Random,
): string {
  const columns = Math.max(2, Math.floor(wide / (unit * 2.6)));
  const step = wide / (columns + 0.4);
  const rows = Math.ceil((base - top) / (unit * 3));
  return Array.from({ length: rows * columns }, (_, at) => {
    const on = random.chance(lit);
    const pane = on ? mix(LAMP, '#fff6d8', random.between(0, 0.5)) : darken(wall, 0.3);
    const [left, y] = [x + step * ((at % columns) + 0.35), top + unit * (2 + 3 * Math.floor(at / columns))];
    return box(left, y, step * 0.52, unit * 1.5, pane, unit * 0.2, on ? 0.95 : 0.4);
  }).join('');
}

function roof(x: number, top: number, wide: number, unit: number, dark: string, kind: number): string {
  const middle = x + wide / 2;
  const gable = corners([
    [x - unit * 0.5, top],
    [middle, top - unit * 5],
    [x + wide + unit * 0.5, top],
  ]);
  const mast = `M${middle} ${top}V${top - unit * 7}`;
  return [
    shape(gable, dark),
    stroke(mast, dark, unit * 0.5) + circle(middle, top - unit * 7, unit * 0.5, '#e2635b'),
    box(x + wide * 0.2, top - unit * 2.4, wide * 0.3, unit * 2.4, dark),
    box(x - unit * 0.4, top - unit * 0.8, wide + unit * 0.8, unit * 0.9, dark, unit * 0.3),
  ][kind]!;
}
