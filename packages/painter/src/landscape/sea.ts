import type { Canvas } from '../canvas.ts';
import { darken, lighten, mix } from '../colour.ts';
import { box, type Point, place, shape, smooth, stroke } from '../svg.ts';
import { hill } from './hill.ts';
import type { Landscape } from './landscape.ts';

/** Open water before a beach; with an island for what stands in the sea. */
export function sea(canvas: Canvas, thingX: number): Landscape {
  const { width, height, horizon, unit, palette, scene } = canvas;
  const far = hill(
    canvas,
    'coast',
    horizon + unit * 2.5,
    unit * 5,
    mix(palette.hills[0], palette.sky[1], 0.35),
  );
  const sand =
    scene.weather === 'snow' ? palette.hills[3] : mix('#ecd3a0', palette.hills[3], 0.15 + palette.dimmed * 2);
  const beach = hill(canvas, 'beach', height * 0.83, unit * 2.2, sand);
  const foam = Array.from({ length: 17 }, (_, at): Point => {
    const x = (width * at) / 16;
    return [x, beach.topAt(x) - unit * (at % 2 ? 0.8 : 1.8)];
  });
  const stands = scene.things.some((one) => one.kind === 'lighthouse' || one.kind === 'house');
  return {
    behind: [
      far.drawn,
      water(canvas),
      stands ? island(canvas, thingX) : '',
      stroke(smooth(foam), lighten(palette.water[0], 0.7), unit * 1.8, 0.8),
    ].join(''),
    ground: beach,
    standAt: () => horizon + unit,
  };
}

function water(canvas: Canvas): string {
  const { width, height, horizon, unit, palette, lightX, scene } = canvas;
  const random = canvas.random.fork('water');
  const [far, near] = palette.water;
  const fill = canvas.gradient('down', [
    [0, far],
    [0.22, lighten(near, 0.15)],
    [1, near],
  ]);
  const waves = Array.from({ length: 70 }, (_, at) => {
    const share = (at / 70) ** 1.5;
    const [x, y] = [random.between(-0.1, 1) * width, horizon + share * (height - horizon) * 0.9 + unit];
    const length = (4 + share * 20) * unit * random.between(0.7, 1.3);
    const lift = (0.3 + share * 1.3) * unit;
    const line = smooth(
      [0, -1, 0, 0.7, 0].map((rise, step): Point => [x + (length * step) / 4, y + lift * rise]),
    );
    const colour = random.chance(0.6) ? lighten(far, 0.35) : darken(near, 0.25);
    return stroke(line, colour, (0.3 + share * 1.1) * unit, random.between(0.25, 0.6));
  });
  const glitter = Array.from({ length: scene.weather === 'rain' ? 0 : 26 }, (_, at) => {
    const [share, half] = [at / 25, unit * (2.2 + (at / 25) * 9) * random.between(0.35, 1)];
    const x = lightX + random.between(-1, 1) * unit * (1 + share * 5);
    const y = horizon + unit * 0.8 + share * (height - horizon) * 0.62;
    return stroke(
      `M${x - half} ${y}H${x + half}`,
      palette.light,
      unit * (0.35 + share * 0.7),
      0.75 - share * 0.4,
    );
  });
  return box(0, horizon, width, height - horizon, fill) + glitter.join('') + waves.join('');
}

function island(canvas: Canvas, x: number): string {
  const { horizon, unit, palette } = canvas;
  const rock = mix(palette.hills[2], '#8a7f80', 0.3);
  const drawn = [
    shape(
      'M-30 11C-20 2 -12 1 0 1C14 1 20 3 30 11Q0 17 -30 11Z',
      canvas.gradient('down', [rock, darken(rock, 0.3)]),
    ),
    shape('M-30 11C-20 2 -12 1 0 1C14 1 20 3 30 11Q0 2 -30 11Z', palette.hills[2]),
    stroke('M-30 11Q0 17 30 11', lighten(palette.water[0], 0.7), 0.9, 0.8),
  ];
  return place(drawn.join(''), x, horizon, unit);
}
