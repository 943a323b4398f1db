import { brightness, darken, lighten, mix } from '../colour.ts';
import type { Random } from '../random.ts';
import type { Sheet } from '../sheet.ts';
import { oval, type Point, polygon, shape, smooth, stroke } from '../svg.ts';

/** A piece of land and where its edge runs, so that things can stand on it. */
export interface Land {
  drawn: string;
  topAt(x: number): number;
}

/** A rolling hill across the whole image. */
export function hill(
  sheet: Sheet,
  options: { name: string; top: number; swing: number; colour: string; strokes?: number },
): Land {
  const { width, height, unit, palette } = sheet;
  const random = sheet.random.fork(options.name);
  const [wave, phase, second] = [random.between(0.7, 1.3), random.between(0, 6.3), random.between(0, 6.3)];
  const topAt = (x: number) => {
    const turn = (x / Math.max(width, height * 0.8)) * Math.PI * 2;
    return (
      options.top +
      options.swing * (Math.sin(turn * wave + phase) + 0.4 * Math.sin(turn * 2.3 * wave + second))
    );
  };
  const edge = Array.from({ length: 25 }, (_, at): Point => [(width * at) / 24, topAt((width * at) / 24)]);
  const outline = `${smooth(edge)}L${width} ${height}L0 ${height}Z`;
  const fill = sheet.gradient('down', [
    [0, lighten(options.colour, 0.14)],
    [0.35, options.colour],
    [1, darken(options.colour, sheet.wish.weather === 'snow' ? 0.07 : 0.22)],
  ]);
  const rim = stroke(
    smooth(edge.map(([x, y]): Point => [x, y + unit * 0.35])),
    lighten(options.colour, 0.4),
    unit * 0.5,
    { opacity: 0.4 },
  );
  const texture = brushwork(random.fork('strokes'), {
    width,
    height,
    unit,
    topAt,
    colour: options.colour,
    count: options.strokes ?? 60,
    light: palette.light,
  });
  return { drawn: shape(outline, fill) + texture + rim, topAt };
}

/** Short strokes that follow the slope, as of a flat brush. */
function brushwork(
  random: Random,
  about: {
    width: number;
    height: number;
    unit: number;
    topAt(x: number): number;
    colour: string;
    count: number;
    light: string;
  },
): string {
  const { width, height, unit, topAt, colour, light } = about;
  return Array.from({ length: about.count }, () => {
    const x = random.between(-0.05, 1) * width;
    const length = random.between(5, 16) * unit;
    const wide = random.between(0.5, 1.9) * unit;
    const down = wide + unit + random.between(0, 1) ** 1.6 * (height - topAt(x));
    const y = (at: number) => topAt(at) + down + random.between(-0.4, 0.4) * unit;
    const line: Point[] = [
      [x, y(x)],
      [x + length / 2, y(x + length / 2)],
      [x + length, y(x + length)],
    ];
    const tone = random.chance(0.45) ? mix(lighten(colour, 0.3), light, 0.25) : darken(colour, 0.25);
    return stroke(smooth(line), tone, wide, { opacity: random.between(0.1, 0.26) });
  }).join('');
}

/** A range of peaks, lit from one side, with snow on the high ones. */
export function mountains(
  sheet: Sheet,
  options: { name: string; base: number; tall: number; colour: string; snow: boolean },
): string {
  const { width, height } = sheet;
  const random = sheet.random.fork(options.name);
  const count = Math.max(3, Math.round((width / height) * random.between(3, 4.2)));
  const peaks = Array.from({ length: count }, (_, at) => {
    const x = (width * (at + random.between(0.15, 0.85))) / count;
    return {
      x,
      top: options.base - options.tall * random.between(0.55, 1),
      half: options.tall * random.between(0.75, 1.05),
    };
  }).sort((a, b) => a.top - b.top);
  return peaks.map((peak) => mountain(peak, options, random)).join('');
}

function mountain(
  peak: { x: number; top: number; half: number },
  options: { base: number; colour: string; snow: boolean },
  random: Random,
): string {
  const { x, top, half } = peak;
  const tall = options.base - top;
  const lean = random.between(-0.12, 0.12) * half;
  const lit = lighten(options.colour, 0.16);
  const ridge: Point[] = [0, 0.22, 0.42, 0.66, 1].map((share, at) => [
    x + (at % 2 ? 0.09 : -0.05) * half * (at ? 1 : 0) + lean * share,
    top + tall * share,
  ]);
  const jag = (side: number): Point[] =>
    [0.3, 0.55, 1].map((share, at) => [
      x + side * half * share + (at === 1 ? side * half * 0.06 : 0),
      top + tall * share * (at === 1 ? 0.96 : 1),
    ]);
  const left: Point[] = [[x, top], ...jag(-1), ...[...ridge].reverse()];
  const right: Point[] = [[x, top], ...jag(1), ...[...ridge].reverse()];
  return (
    polygon(left, lit) +
    polygon(right, darken(options.colour, 0.12)) +
    (options.snow ? snowcap(peak, tall, options.colour, ridge) : '')
  );
}

function snowcap(
  peak: { x: number; top: number; half: number },
  tall: number,
  colour: string,
  ridge: Point[],
): string {
  const { x, top, half } = peak;
  const deep = 0.34;
  const white = mix('#fbfaf4', colour, brightness(colour) < 0.45 ? 0.35 : 0.08);
  const side = (sign: number): Point[] => [
    [x, top],
    [x + sign * half * deep, top + tall * deep],
    [x + sign * half * deep * 0.72, top + tall * deep * 0.84],
    [x + sign * half * deep * 0.46, top + tall * deep * 1.14],
    [x + sign * half * deep * 0.2, top + tall * deep * 0.86],
    ridge[1]!,
  ];
  return polygon(side(-1), white) + polygon(side(1), mix(white, colour, 0.38));
}

/** A dark mound at the foot of things, so that they stand rather than hover. */
export function footShadow(x: number, y: number, half: number, opacity = 0.22): string {
  return oval(x, y, half, half * 0.16, '#1d1b3a', { opacity });
}
