import { darken, lighten } from '../colour.ts';
import { box, oval, shape, stroke, tag } from '../svg.ts';
import type { DrawThing } from './thing.ts';

const SETS = [
  ['#d9594c', '#f6e7c8', '#e9a23f'],
  ['#4f86b5', '#f3ead7', '#e0705a'],
  ['#8a69a8', '#f7dfc0', '#e79aa8'],
  ['#4f9a8c', '#f8e9bf', '#e8894e'],
] as const;

const ENVELOPE =
  'M0 -100C-44 -100 -48 -54 -30 -40C-20 -31 -12 -24 -8 -20H8C12 -24 20 -31 30 -40C48 -54 44 -100 0 -100Z';

/** A striped hot-air balloon, its basket at the origin. */
export const balloon: DrawThing = (sheet, colour) => {
  const [first, second, third] = colour
    ? ([colour, '#f8ecd4', darken(colour, 0.25)] as const)
    : sheet.random.pick(SETS);
  const gores = [
    ['M-8 -20C-26 -36 -30 -84 0 -100C-16 -84 -16 -36 -3 -20Z', second],
    ['M-3 -20C-14 -40 -14 -84 0 -100C14 -84 14 -40 3 -20Z', first],
    ['M8 -20C26 -36 30 -84 0 -100C16 -84 16 -36 3 -20Z', second],
  ] as const;
  const band = shape('M-46 -66Q0 -54 46 -66V-58Q0 -46 -46 -58Z', third);
  const shade = shape(
    'M0 -100C44 -100 48 -54 30 -40C20 -31 12 -24 8 -20H2C22 -40 34 -76 0 -100Z',
    '#1d1b3a',
    { opacity: 0.16 },
  );
  const glow = oval(-20, -74, 7, 16, '#ffffff', { opacity: 0.28, transform: 'rotate(14 -20 -74)' });
  return [
    stroke('M-7 -20L-5 -8M7 -20L5 -8M-2.5 -20L-2 -8M2.5 -20L2 -8', '#6b5443', 0.8),
    shape(ENVELOPE, first),
    tag(
      'g',
      { 'clip-path': sheet.clip(ENVELOPE) },
      gores.map(([d, fill]) => shape(d, fill)).join('') + band + shade + glow,
    ),
    shape('M-8 -20Q0 -17 8 -20L6.5 -16.5Q0 -14.5 -6.5 -16.5Z', darken(first, 0.3)),
    box(-6.5, -9, 13, 10, '#a9744a', { rx: 2.5 }),
    stroke('M-6 -5.5H6M-6 -2H6M-2.5 -9V1M2.5 -9V1', '#7f5433', 0.7),
    box(-7.2, -10, 14.4, 2.4, lighten('#7f5433', 0.1), { rx: 1.2 }),
  ].join('');
};
