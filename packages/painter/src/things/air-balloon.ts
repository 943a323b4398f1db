import { darken, SHADOW } from '../colour.ts';
import { box, shape, stroke } from '../svg.ts';
import type { DrawThing } from './thing.ts';

const SETS = [
  ['#d9594c', '#f6e7c8'],
  ['#4f86b5', '#f3ead7'],
  ['#8a69a8', '#f7dfc0'],
] as const;

/** A striped hot-air balloon. */
export const airBalloon: DrawThing = (canvas, colour) => {
  const [first, second] = colour ? [colour, '#f8ecd4'] : canvas.random.fork('balloon').pick(SETS);
  return [
    stroke('M-7 -20L-5 -8M7 -20L5 -8M-2.5 -20L-2 -8M2.5 -20L2 -8', '#6b5443', 0.8),
    shape(
      'M0 -100C-44 -100 -48 -54 -30 -40C-20 -31 -12 -24 -8 -20H8C12 -24 20 -31 30 -40C48 -54 44 -100 0 -100Z',
      first,
    ),
    shape(
      'M-8 -20C-26 -36 -30 -84 0 -100C-16 -84 -16 -36 -3 -20ZM8 -20C26 -36 30 -84 0 -100C16 -84 16 -36 3 -20Z',
      second,
    ),
    shape('M0 -100C44 -100 48 -54 30 -40C20 -31 12 -24 8 -20H2C22 -40 34 -76 0 -100Z', SHADOW, 0.16),
    box(-6.5, -9, 13, 10, '#a9744a', 2.5),
    box(-7.2, -10, 14.4, 2.4, darken('#a9744a', 0.3), 1.2),
  ].join('');
};
