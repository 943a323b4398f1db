import { lighten, mix } from '../colour.ts';
import type { Sheet } from '../sheet.ts';
import { box, circle, faded, oval, type Point, shape, smooth, stroke } from '../svg.ts';

/** The sky, with what shines in it. */
export function sky(sheet: Sheet): string {
  const { width, height, palette, wish } = sheet;
  const [top, middle, low] = palette.sky;
  const ground = box(
    0,
    0,
    width,
    height,
    sheet.gradient('down', [
      [0, top],
      [0.38, middle],
      [0.68, low],
      [1, low],
    ]),
  );
  const dark = palette.time === 'night' || wish.setting === 'space';
  const covered = wish.weather === 'rain' || wish.weather === 'storm';
  return [
    ground,
    washes(sheet),
    dark || (wish.stars && palette.time === 'dusk') ? stars(sheet) : '',
    wish.aurora ? aurora(sheet) : '',
    covered && !wish.sun && !wish.moon ? '' : dark ? moon(sheet) : sun(sheet),
    wish.rainbow ? rainbow(sheet) : '',
  ].join('');
}

/** Broad strokes of the brush, hardly darker or lighter than what is under them. */
function washes(sheet: Sheet): string {
  const { width, horizon, unit, palette } = sheet;
  const random = sheet.random.fork('washes');
  const strokes = Array.from({ length: 16 }, () => {
    const y = random.between(0, horizon);
    const x = random.between(-0.2, 0.8) * width;
    const length = random.between(0.3, 0.8) * width;
    const lift = random.between(-2, 2) * unit;
    const colour = random.chance(0.5) ? lighten(palette.sky[1], 0.5) : palette.sky[random.whole(0, 2)]!;
    const line: Point[] = [
      [x, y],
      [x + length / 3, y + lift],
      [x + (length * 2) / 3, y - lift],
      [x + length, y],
    ];
    return stroke(smooth(line), colour, random.between(2, 7) * unit, { opacity: random.between(0.06, 0.16) });
  });
  return strokes.join('');
}

function sun(sheet: Sheet): string {
  const { lightX: x, horizon, unit, palette } = sheet;
  const random = sheet.random.fork('sun');
  const low = palette.time === 'dusk' || palette.time === 'dawn';
  const y = horizon * (low ? random.between(0.62, 0.72) : random.between(0.3, 0.42));
  const r = unit * (low ? 9 : 7.5);
  const glow = sheet.gradient('round', [
    [0, palette.light, 0.85],
    [0.3, palette.light, 0.4],
    [1, palette.light, 0],
  ]);
  const rings = [2.1, 1.65, 1.3].map((size) => circle(x, y, r * size, palette.light, { opacity: 0.22 }));
  return [circle(x, y, r * 5.5, glow), ...rings, circle(x, y, r, lighten(palette.light, 0.35))].join('');
}

function moon(sheet: Sheet): string {
  const { lightX: x, horizon, unit, palette, wish } = sheet;
  if (wish.setting === 'space') return '';
  const random = sheet.random.fork('moon');
  const y = horizon * random.between(0.28, 0.38);
  const r = unit * (wish.moon ? 11 : 8);
  const glow = sheet.gradient('round', [
    [0, palette.light, 0.55],
    [0.35, palette.light, 0.2],
    [1, palette.light, 0],
  ]);
  const craters = (
    [
      [-0.35, -0.2, 0.2],
      [0.25, 0.3, 0.26],
      [0.35, -0.35, 0.12],
      [-0.15, 0.45, 0.13],
      [0, -0.02, 0.09],
    ] as const
  ).map(([dx, dy, size]) =>
    circle(x + dx * r, y + dy * r, size * r, mix(palette.light, '#c9b58a', 0.55), { opacity: 0.55 }),
  );
  return [
    circle(x, y, r * 4.5, glow),
    circle(x, y, r * 1.35, palette.light, { opacity: 0.16 }),
    circle(x, y, r, palette.light),
    ...craters,
  ].join('');
}

function stars(sheet: Sheet): string {
  const { width, horizon, unit } = sheet;
  const random = sheet.random.fork('stars');
  const deep = sheet.wish.setting === 'space' ? sheet.height : horizon * 0.95;
  const dots = Array.from({ length: 130 }, () => {
    const [x, y] = [random.between(0, width), deep * random.between(0, 1) ** 1.25];
    return circle(x, y, unit * random.between(0.1, 0.32), random.pick(['#ffffff', '#fff2cf', '#d6e6ff']), {
      opacity: random.between(0.45, 1),
    });
  });
  const sparkles = Array.from({ length: 9 }, () =>
    sparkle(random.between(0, width), random.between(0, deep * 0.75), unit * random.between(0.9, 1.9)),
  );
  return dots.join('') + sparkles.join('');
}

function sparkle(x: number, y: number, r: number): string {
  const t = r * 0.14;
  const d = `M${x} ${y - r}L${x + t} ${y - t}L${x + r} ${y}L${x + t} ${y + t}L${x} ${y + r}L${x - t} ${y + t}L${x - r} ${y}L${x - t} ${y - t}Z`;
  return shape(d, '#fff8e2');
}

function aurora(sheet: Sheet): string {
  const { width, horizon, unit } = sheet;
  const random = sheet.random.fork('aurora');
  return ['#7df0c0', '#6fd8e8', '#b78cf0', '#7df0c0']
    .map((colour, band) => {
      const y = horizon * (0.34 + band * 0.14);
      const edge = Array.from(
        { length: 8 },
        (_, at): Point => [(width * (at - 0.5)) / 6, y + random.between(-6, 6) * unit],
      );
      const tall = random.between(14, 24) * unit;
      const curtain = `${smooth(edge)}L${width * 1.2} ${y - tall}L${-width * 0.1} ${y - tall}Z`;
      return shape(
        curtain,
        sheet.gradient('down', [
          [0, colour, 0],
          [0.7, colour, 0.5],
          [0.93, lighten(colour, 0.5), 0.6],
          [1, colour, 0],
        ]),
      );
    })
    .join('');
}

function rainbow(sheet: Sheet): string {
  const { width, horizon, unit } = sheet;
  const colours = ['#e2635b', '#ee9a4d', '#f4d35e', '#7fbf74', '#5aa5cf', '#8f78c0'];
  const r = Math.max(width * 0.42, unit * 45);
  const bows = colours.map((colour, at) => {
    const radius = r - at * unit * 2.1;
    return stroke(
      `M${width / 2 - radius} ${horizon + unit * 6}A${radius} ${radius} 0 0 1 ${width / 2 + radius} ${horizon + unit * 6}`,
      colour,
      unit * 2.2,
    );
  });
  return faded(bows.join(''), 0.55);
}

export function clouds(sheet: Sheet): string {
  const { width, horizon, unit, palette, wish } = sheet;
  if (wish.setting === 'space') return '';
  const random = sheet.random.fork('clouds');
  const heavy = wish.weather === 'rain' || wish.weather === 'storm';
  const count = heavy ? 6 : palette.time === 'night' ? 2 : random.whole(2, 4);
  return Array.from({ length: count }, (_, at) => {
    const x = width * ((at + random.between(0.1, 0.9)) / count);
    const y = horizon * (heavy ? random.between(0.2, 0.5) : random.between(0.14, 0.62));
    const size = unit * (heavy ? random.between(1.1, 1.5) : random.between(0.7, 1.35));
    return cloud(
      x,
      y,
      size,
      heavy ? mix(palette.cloud, palette.sky[0], 0.22) : palette.cloud,
      mix(palette.cloud, palette.sky[0], 0.45),
      random.between(0, 3),
    );
  }).join('');
}

/** Round on top, flat below, with a soft shadow at the foot. */
function cloud(x: number, y: number, size: number, colour: string, shade: string, phase: number): string {
  const puffs = Array.from({ length: 6 }, (_, at) => {
    const share = at / 5;
    return {
      dx: (share - 0.5) * 22 * size,
      r: (2.6 + 3.4 * Math.sin(Math.PI * (0.12 + share * 0.78)) + Math.sin(phase + at * 2.1)) * size,
    };
  });
  const body = (colourOf: string, drop: number, grow: number) =>
    puffs.map(({ dx, r }) => circle(x + dx, y - r * 0.55 + drop, r * grow, colourOf)).join('') +
    box(x - 13 * size, y - 2.4 * size + drop, 26 * size, 2.9 * size, colourOf, { rx: 1.4 * size });
  const highlight = puffs
    .slice(1, 5)
    .map(({ dx, r }) =>
      oval(x + dx - r * 0.2, y - r * 0.85, r * 0.62, r * 0.42, lighten(colour, 0.6), { opacity: 0.35 }),
    );
  return body(shade, 0.9 * size, 1) + body(colour, 0, 0.97) + highlight.join('');
}
