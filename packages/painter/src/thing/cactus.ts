import { darken, lighten } from '../colour.ts';
import { circle, shape, stroke } from '../svg.ts';
import type { DrawThing } from './thing.ts';

/** A cactus in bloom. */
export const cactus: DrawThing = (_, colour) => {
  const skin = colour ?? '#5f9a6a';
  const ribs = [-6, 0, 6].map((x) =>
    stroke(`M${x} -2V${-70 + Math.abs(x)}`, darken(skin, 0.22), 1.2, { opacity: 0.6 }),
  );
  return [
    stroke('M-13 -34H-26Q-31 -34 -31 -40V-54', skin, 11),
    stroke('M13 -26H25Q30 -26 30 -32V-50', darken(skin, 0.1), 11),
    shape('M-13 2V-66Q-12 -82 0 -82Q12 -82 13 -66V2Z', skin),
    shape('M4 2V-80Q12 -78 13 -66V2Z', darken(skin, 0.2), { opacity: 0.45 }),
    ...ribs,
    stroke('M-9 -60V-20', lighten(skin, 0.4), 1.8, { opacity: 0.6 }),
    ...[
      [0, -83],
      [-31, -60],
      [30, -56],
    ].map(
      ([x, y]) =>
        circle(x! - 3, y!, 3.2, '#ef9fb4') +
        circle(x! + 3, y!, 3.2, '#e87f9b') +
        circle(x!, y! - 2.6, 3.2, '#f7c3cf'),
    ),
  ].join('');
};
