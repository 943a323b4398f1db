import { darken, lighten } from '../colour.ts';
import { both, oval, shape, stroke } from '../svg.ts';
import type { DrawItem } from './item.ts';

export const cup: DrawItem = (paw, colour) => {
  const china = colour ?? '#f7efe0';
  return {
    front: [
      stroke('M27 -74Q45 -72 41 -58Q38 -49 25 -51', china, 6.5),
      shape('M-28 -84H28L24 -44Q22 -36 14 -36H-14Q-22 -36 -24 -44Z', china),
      shape('M8 -84H28L24 -44Q22 -36 14 -36H4Q14 -56 8 -84Z', darken(china, 0.14), 0.6),
      oval(0, -84, 28, 6.5, lighten(china, 0.4)) + oval(0, -84, 23.5, 4.8, '#8a5a3c'),
      shape('M0 -50C-14 -60 -10 -72 0 -65C10 -72 14 -60 0 -50Z', '#e2706a'),
      stroke(
        'M-11 -92q-7 -9 0 -18t0 -18M1 -92q-7 -9 0 -18t0 -18M13 -92q-7 -9 0 -18t0 -18',
        '#ffffff',
        4.2,
        0.6,
      ),
      both(oval(32, -56, 12, 10.5, paw) + stroke('M28 -58v6M35 -58v6', darken(paw, 0.3), 1.5, 0.6)),
    ].join(''),
  };
};
