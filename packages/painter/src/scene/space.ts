import { darken, lighten, mix } from '../colour.ts';
import type { Random } from '../random.ts';
import type { Sheet } from '../sheet.ts';
import { circle, oval, place, shape, tag } from '../svg.ts';

const WORLDS = ['#e0906a', '#7ab0c9', '#c98bb0', '#e2b862', '#8f8fd0', '#8cc4a0'];

/** Clouds of stars and a few worlds, one of them near. */
export function deepSpace(sheet: Sheet): string {
  const { width, height, unit, wish } = sheet;
  const random = sheet.random.fork('space');
  const nebula = Array.from({ length: 9 }, () => {
    const colour = random.pick(['#8f5fc0', '#4f7fd0', '#d0608f', '#45b0b0', '#6a4fc0']);
    const haze = sheet.gradient('round', [
      [0, colour, 0.42],
      [0.5, colour, 0.16],
      [1, colour, 0],
    ]);
    return oval(
      random.between(0, width),
      random.between(0, height * 0.7),
      unit * random.between(22, 46),
      unit * random.between(14, 30),
      haze,
    );
  });
  const small = Array.from({ length: 3 }, (_, at) =>
    world(
      sheet,
      random,
      random.between(0.06, 0.94) * width,
      random.between(0.08, 0.5) * height,
      unit * random.between(2, 4.5),
      at === 0,
    ),
  );
  const ringed = wish.things.some((one) => one.kind === 'planet') || random.chance(0.5);
  const x = sheet.lightX;
  return (
    nebula.join('') +
    small.join('') +
    (ringed
      ? world(sheet, random, x, height * 0.25, unit * 12, true)
      : earth(sheet, x, height * 0.25, unit * 12))
  );
}

function world(sheet: Sheet, random: Random, x: number, y: number, r: number, ringed: boolean): string {
  const colour = random.pick(WORLDS);
  const bands = [-0.55, -0.15, 0.3, 0.62].map((at) =>
    oval(
      0,
      at * r,
      r * 1.1,
      r * random.between(0.07, 0.16),
      at > 0 ? darken(colour, 0.18) : lighten(colour, 0.3),
      { opacity: 0.6 },
    ),
  );
  const disc = tag(
    'g',
    { 'clip-path': sheet.clip(round(r)) },
    circle(0, 0, r, colour) +
      bands.join('') +
      circle(r * 0.5, r * 0.3, r * 1.05, '#120f2e', { opacity: 0.28 }),
  );
  const ring = (half: string) =>
    shape(half, 'none', { stroke: lighten(colour, 0.5), 'stroke-width': r * 0.17, opacity: 0.85 });
  const [a, b] = [r * 1.75, r * 0.42];
  const back = ring(`M${-a} 0A${a} ${b} 0 0 1 ${a} 0`);
  const front = ring(`M${-a} 0A${a} ${b} 0 0 0 ${a} 0`);
  return place((ringed ? back : '') + disc + (ringed ? front : ''), x, y, 1, {
    turn: random.between(-25, -8),
  });
}

function earth(sheet: Sheet, x: number, y: number, r: number): string {
  const lands = [
    [-0.3, -0.35, 0.5, 0.36],
    [0.4, 0.1, 0.42, 0.5],
    [-0.35, 0.55, 0.34, 0.24],
    [0.25, -0.75, 0.4, 0.16],
  ] as const;
  const glow = sheet.gradient('round', [
    [0, '#9fd6ff', 0.6],
    [0.7, '#9fd6ff', 0.25],
    [1, '#9fd6ff', 0],
  ]);
  const inside = [
    circle(0, 0, r, '#4f97cf'),
    ...lands.map(([dx, dy, rx, ry]) => oval(dx * r, dy * r, rx * r, ry * r, '#79b56a')),
    oval(-0.1 * r, -0.05 * r, 0.7 * r, 0.09 * r, '#ffffff', { opacity: 0.8 }),
    oval(0.3 * r, 0.5 * r, 0.5 * r, 0.08 * r, '#ffffff', { opacity: 0.75 }),
    circle(r * 0.5, r * 0.35, r * 1.1, '#120f2e', { opacity: 0.3 }),
  ];
  return place(
    circle(0, 0, r * 1.5, glow) + tag('g', { 'clip-path': sheet.clip(round(r)) }, inside.join('')),
    x,
    y,
  );
}

function round(r: number): string {
  return `M${-r} 0A${r} ${r} 0 1 1 ${r} 0A${r} ${r} 0 1 1 ${-r} 0Z`;
}

/** Craters on grey ground. */
export function craters(sheet: Sheet, topAt: (x: number) => number, colour: string): string {
  const { width, height, unit } = sheet;
  const random = sheet.random.fork('craters');
  return Array.from({ length: 14 }, () => {
    const x = random.between(0, width);
    const share = random.between(0.1, 0.95);
    const y = topAt(x) + share * (height - topAt(x));
    const r = unit * (1.2 + share * 5) * random.between(0.5, 1);
    return [
      oval(x, y, r, r * 0.36, darken(colour, 0.28)),
      oval(x, y + r * 0.07, r * 0.86, r * 0.27, mix(colour, '#ffffff', 0.12)),
      oval(x, y - r * 0.02, r * 0.8, r * 0.22, darken(colour, 0.18)),
    ].join('');
  }).join('');
}
