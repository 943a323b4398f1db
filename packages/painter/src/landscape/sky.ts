import type { Canvas } from '../canvas.ts';
import { lighten, mix } from '../colour.ts';
import { box, circle, oval, smooth, stroke } from '../svg.ts';

/** The sky with the sun or the moon, stars and clouds. */
export function sky(canvas: Canvas): string {
  const { width, height, palette, scene } = canvas;
  const [top, middle, low] = palette.sky;
  const night = palette.time === 'night';
  const fill = canvas.gradient('down', [
    [0, top],
    [0.38, middle],
    [0.68, low],
  ]);
  return [
    box(0, 0, width, height, fill),
    washes(canvas),
    night ? stars(canvas) : '',
    scene.weather === 'rain' ? '' : night ? moon(canvas) : sun(canvas),
    clouds(canvas),
  ].join('');
}

/** Broad brush strokes, hardly darker or lighter than the sky under them. */
function washes(canvas: Canvas): string {
  const { width, horizon, unit, palette } = canvas;
  const random = canvas.random.fork('washes');
  return Array.from({ length: 16 }, () => {
    const [x, y] = [random.between(-0.2, 0.8) * width, random.between(0, horizon)];
    const [length, lift] = [random.between(0.3, 0.8) * width, random.between(-2, 2) * unit];
    const line = smooth([
      [x, y],
      [x + length / 3, y + lift],
      [x + (length * 2) / 3, y - lift],
      [x + length, y],
    ]);
    const colour = random.chance(0.5) ? lighten(palette.sky[1], 0.5) : random.pick(palette.sky);
    return stroke(line, colour, random.between(2, 7) * unit, random.between(0.06, 0.16));
  }).join('');
}

function sun(canvas: Canvas): string {
  const { lightX: x, horizon, unit, palette } = canvas;
  const low = palette.time !== 'day';
  const y = horizon * canvas.random.fork('sun').between(low ? 0.62 : 0.3, low ? 0.72 : 0.42);
  const r = unit * (low ? 9 : 7.5);
  const rings = [2.1, 1.65, 1.3].map((size) => circle(x, y, r * size, palette.light, 0.22));
  return glow(canvas, x, y, r * 5.5) + rings.join('') + circle(x, y, r, lighten(palette.light, 0.35));
}

function moon(canvas: Canvas): string {
  const { lightX: x, horizon, unit, palette } = canvas;
  const y = horizon * canvas.random.fork('moon').between(0.28, 0.38);
  const r = unit * 10;
  const craters = [
    [-0.35, -0.2, 0.2],
    [0.25, 0.3, 0.26],
    [0.35, -0.35, 0.12],
    [-0.15, 0.45, 0.13],
  ].map(([dx, dy, size]) =>
    circle(x + dx! * r, y + dy! * r, size! * r, mix(palette.light, '#c9b58a', 0.55), 0.55),
  );
  const halo = circle(x, y, r * 1.35, palette.light, 0.16);
  return glow(canvas, x, y, r * 4.5) + halo + circle(x, y, r, palette.light) + craters.join('');
}

function glow(canvas: Canvas, x: number, y: number, r: number): string {
  const { light } = canvas.palette;
  const stops = [
    [0, light, 0.7],
    [0.3, light, 0.3],
    [1, light, 0],
  ] as const;
  return circle(x, y, r, canvas.gradient('round', [...stops]));
}

function stars(canvas: Canvas): string {
  const { width, horizon, unit } = canvas;
  const random = canvas.random.fork('stars');
  return Array.from({ length: 130 }, () => {
    const [x, y] = [random.between(0, width), horizon * random.between(0, 0.97) ** 1.25];
    const colour = random.pick(['#ffffff', '#fff2cf', '#d6e6ff']);
    return circle(x, y, unit * (0.1 + 0.32 * random.between(0, 1) ** 3), colour, random.between(0.45, 1));
  }).join('');
}

function clouds(canvas: Canvas): string {
  const { width, horizon, unit, palette, scene } = canvas;
  const random = canvas.random.fork('clouds');
  const heavy = scene.weather === 'rain';
  const count = heavy ? 6 : palette.time === 'night' ? 2 : random.whole(2, 4);
  const colour = heavy ? mix(palette.cloud, palette.sky[0], 0.22) : palette.cloud;
  return Array.from({ length: count }, (_, at) => {
    const x = width * ((at + random.between(0.1, 0.9)) / count);
    const y = horizon * (heavy ? random.between(0.2, 0.5) : random.between(0.14, 0.62));
    const size = unit * (heavy ? random.between(1.1, 1.5) : random.between(0.7, 1.35));
    return cloud(x, y, size, colour, mix(palette.cloud, palette.sky[0], 0.45), random.between(0, 3));
  }).join('');
}

/** Round on top, flat below, with a soft shadow at the foot. */
function cloud(x: number, y: number, size: number, colour: string, shade: string, phase: number): string {
  const puffs = [0, 0.2, 0.4, 0.6, 0.8, 1].map((share, at) => ({
    cx: x + (share - 0.5) * 22 * size,
    r: (2.6 + 3.4 * Math.sin(Math.PI * (0.12 + share * 0.78)) + Math.sin(phase + at * 2.1)) * size,
  }));
  const body = (fill: string, drop: number) =>
    puffs.map(({ cx, r }) => circle(cx, y - r * 0.55 + drop, r, fill)).join('') +
    box(x - 13 * size, y - 2.4 * size + drop, 26 * size, 2.9 * size, fill, 1.4 * size);
  const lit = puffs.map(({ cx, r }) =>
    oval(cx - r * 0.2, y - r * 0.85, r * 0.62, r * 0.42, lighten(colour, 0.6), 0.35),
  );
  return body(shade, 0.9 * size) + body(colour, 0) + lit.join('');
}
