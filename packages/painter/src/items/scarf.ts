import { darken, lighten } from '../colour.ts';
import { shape, stroke } from '../svg.ts';
import type { DrawItem } from './item.ts';

export const scarf: DrawItem = (_, colour) => {
  const wool = colour ?? '#cf5650';
  return {
    neck: [
      shape('M16 -104Q34 -98 38 -60L17 -56Q16 -84 6 -100Z', darken(wool, 0.1)),
      shape('M-48 -116Q0 -100 48 -116Q53 -106 46 -99Q0 -82 -46 -99Q-53 -106 -48 -116Z', wool),
      stroke(
        'M-29 -113q-2 8 0 16M-10 -108q-2 8 0 16M10 -108q-2 8 0 16M29 -113q-2 8 0 16M20 -72L36 -75',
        lighten(wool, 0.6),
        4.5,
        0.75,
      ),
      stroke('M18 -57v8M24 -58v8M30 -59v8M36 -60v8', wool, 2.4),
    ].join(''),
  };
};
