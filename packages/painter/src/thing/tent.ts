import { darken, lighten } from '../colour.ts';
import { circle, oval, polygon, shape, stroke } from '../svg.ts';
import type { DrawThing } from './thing.ts';

/** A tent with a small fire before it. */
export const tent: DrawThing = (sheet, colour) => {
  const cloth = colour ?? sheet.random.fork('tent').pick(['#e0884a', '#4f9a8c', '#c9594f']);
  const warm = sheet.gradient('round', [
    [0, '#ffe19a', 0.75],
    [0.5, '#ffb65c', 0.25],
    [1, '#ffb65c', 0],
  ]);
  return [
    polygon(
      [
        [-44, 2],
        [-4, -58],
        [4, -58],
        [48, 2],
      ],
      sheet.gradient('down', [lighten(cloth, 0.18), cloth]),
    ),
    polygon(
      [
        [4, -58],
        [48, 2],
        [20, 2],
      ],
      darken(cloth, 0.25),
      { opacity: 0.55 },
    ),
    shape('M-4 -50Q-10 -22 -20 2H10Q2 -22 -4 -50Z', '#4a3540'),
    shape('M-4 -50Q-10 -22 -20 2H-12Q-5 -20 -4 -50Z', sheet.palette.lamp, { opacity: 0.85 }),
    stroke('M-4 -58L-4 -64M48 2L58 6M-44 2L-54 6', '#6b4c39', 1.3),
    circle(72, -6, 42, warm),
    stroke('M62 3L82 -3M62 -3L82 3', '#6b4634', 4),
    shape('M63 -2Q60 -14 69 -20Q68 -12 73 -26Q84 -14 80 -2Z', '#f08a3c'),
    shape('M67 -2Q66 -9 71 -12Q72 -8 74 -15Q79 -8 77 -2Z', '#ffdf85'),
    oval(72, 4, 15, 2.6, '#3a2f3c', { opacity: 0.35 }),
  ].join('');
};
