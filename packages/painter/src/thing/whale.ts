import { darken, lighten } from '../colour.ts';
import { circle, oval, shape, stroke } from '../svg.ts';
import type { DrawThing } from './thing.ts';

/** A whale that has come up for air, the sea's surface at the origin. */
export const whale: DrawThing = (_, colour) => {
  const skin = colour ?? '#5d83a8';
  const spray = [-9, -5, 0, 5, 9].map((lean) =>
    stroke(`M-18 -54Q${-18 + lean * 0.5} -74 ${-18 + lean * 1.9} ${-72 + Math.abs(lean)}`, '#eaf6fb', 2.6, {
      opacity: 0.85,
    }),
  );
  return [
    ...spray,
    shape(
      'M58 -2C60 -24 70 -34 66 -46C56 -48 50 -42 49 -36C44 -44 36 -47 28 -44C32 -34 44 -30 46 -2Z',
      darken(skin, 0.08),
    ),
    shape('M-66 2C-70 -34 -46 -54 -14 -53C22 -52 40 -26 50 2Z', skin),
    shape('M-66 2C-66 -8 -63 -16 -59 -20C-44 -10 -18 -10 4 2Z', '#f1ede3'),
    stroke('M-58 -12Q-44 -5 -24 -4M-60 -5Q-50 0 -38 1', '#c9c9c6', 1.2),
    stroke('M-64 -16Q-50 -12 -38 -18', darken(skin, 0.4), 1.8),
    shape('M-16 -4C-8 2 4 8 12 2C10 -6 2 -14 -10 -14Z', darken(skin, 0.18)),
    circle(-40, -26, 3.4, '#2b2638') + circle(-41, -27.2, 1.2, '#ffffff'),
    oval(-46, -19, 4.6, 2.6, '#f29aa8', { opacity: 0.5 }),
    oval(-22, -44, 20, 5, lighten(skin, 0.5), { opacity: 0.35, transform: 'rotate(-6 -22 -44)' }),
    ...[
      [-6, -34],
      [4, -28],
      [14, -24],
      [0, -22],
    ].map(([x, y]) => circle(x!, y!, 1.3, lighten(skin, 0.5), { opacity: 0.6 })),
    stroke('M-84 4q8 -4 16 0t16 0t16 0t16 0t16 0t16 0t16 0t16 0t16 0t16 0', '#f4fbfb', 2, { opacity: 0.8 }),
  ].join('');
};
