import { darken, lighten } from '../colour.ts';
import { box, circle, place, polygon, shape, stroke } from '../svg.ts';
import type { DrawThing } from './thing.ts';

/** A windmill with four sails. */
export const windmill: DrawThing = (sheet, colour) => {
  const wall = colour ?? '#efe1c9';
  const sail =
    box(2, -44, 9, 33, '#fbf4e6', { opacity: 0.92 }) +
    stroke('M2 -44V-4M2 -33H11M2 -22H11M6.5 -44V-11', '#7b5a45', 1.1);
  const turn = sheet.random.fork('windmill').between(10, 40);
  const sails = [0, 90, 180, 270].map((angle) => place(sail, 0, -66, 1, { turn: turn + angle }));
  return [
    polygon(
      [
        [-19, 2],
        [-11, -62],
        [11, -62],
        [19, 2],
      ],
      sheet.gradient('across', [lighten(wall, 0.2), wall, darken(wall, 0.2)]),
    ),
    shape('M-13 -61Q-12 -80 0 -82Q12 -80 13 -61Z', '#a8584a'),
    box(-3, -46, 6, 8, sheet.palette.lamp, { rx: 3 }),
    shape('M-6 2V-12Q0 -19 6 -12V2Z', '#7b5a45'),
    ...sails,
    circle(0, -66, 3.4, '#6b4c39'),
  ].join('');
};
