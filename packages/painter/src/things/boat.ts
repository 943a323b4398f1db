import { darken, lighten } from '../colour.ts';
import { oval, shape, stroke } from '../svg.ts';
import type { DrawThing } from './thing.ts';

/** A sailing boat, its waterline at the origin. */
export const boat: DrawThing = (canvas, colour) => {
  const hull = colour ?? canvas.random.fork('boat').pick(['#c4574a', '#456f9c', '#8a5a44', '#3f7f7a']);
  const sail = darken('#fbf4e6', canvas.palette.dimmed * 0.5);
  return [
    oval(0, 4, 46, 5, darken(canvas.palette.water[1], 0.3), 0.35),
    stroke('M0 -6V-96', '#6b4c39', 2.2),
    shape('M3 -92Q34 -60 36 -17Q18 -12 3 -15Z', sail),
    shape('M3 -92Q34 -60 36 -17Q26 -14 20 -14Q24 -56 3 -92Z', darken(sail, 0.14), 0.7),
    shape('M-3 -84Q-26 -54 -32 -18Q-16 -13 -3 -16Z', lighten(hull, 0.35)),
    shape('M-42 -10Q0 -4 44 -12Q40 6 24 7H-22Q-37 5 -42 -10Z', hull),
    shape('M-42 -10Q0 -4 44 -12L43 -7.5Q0 0 -40.5 -5.5Z', '#fbf4e6', 0.85),
    stroke('M-54 7q7 -3.5 14 0t14 0t14 0t14 0t14 0t14 0t14 0t14 0', '#f4fbfb', 1.5, 0.75),
  ].join('');
};
