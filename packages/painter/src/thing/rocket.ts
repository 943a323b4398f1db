import { darken } from '../colour.ts';
import { circle, shape, stroke, tag } from '../svg.ts';
import type { DrawThing } from './thing.ts';

const HULL = 'M0 -100C20 -82 24 -50 16 -16H-16C-24 -50 -20 -82 0 -100Z';

/** A round rocket under way, its nozzle at the origin. */
export const rocket: DrawThing = (sheet, colour) => {
  const paint = colour ?? '#d9594c';
  const flame = sheet.gradient('down', [
    [0, '#fff2b0', 0.95],
    [0.4, '#f7a64b', 0.85],
    [1, '#e2635b', 0],
  ]);
  const puffs = [
    [-10, 26, 7],
    [10, 30, 8],
    [-2, 40, 9],
    [14, 48, 7],
    [-16, 48, 8],
  ].map(([x, y, r]) => circle(x!, y!, r!, '#f3eee8', { opacity: 0.4 }));
  const inside = [
    shape('M-30 -78Q0 -70 30 -78V-110H-30Z', paint),
    shape('M-30 -28Q0 -20 30 -28V-22Q0 -14 -30 -22Z', paint),
    shape('M4 -100Q26 -60 14 -10H30V-100Z', '#1d1b3a', { opacity: 0.16 }),
  ];
  return [
    ...puffs,
    shape('M-11 -14Q-16 14 0 40Q16 14 11 -14Z', flame),
    shape('M-15 -38C-34 -30 -34 -10 -30 2C-24 -8 -18 -10 -12 -12Z', darken(paint, 0.15)),
    shape('M15 -38C34 -30 34 -10 30 2C24 -8 18 -10 12 -12Z', darken(paint, 0.3)),
    shape('M-12 -16H12L9 -8H-9Z', '#6a6478'),
    shape(HULL, '#f7f0e4'),
    tag('g', { 'clip-path': sheet.clip(HULL) }, inside.join('')),
    circle(0, -54, 9.5, '#6a6478') + circle(0, -54, 7.2, '#8ecbe0'),
    stroke('M-4 -57Q-2 -60 2 -60', '#ffffff', 1.8, { opacity: 0.8 }),
    shape('M-2.6 -30Q0 -34 2.6 -30V2H-2.6Z', darken(paint, 0.22)),
  ].join('');
};
