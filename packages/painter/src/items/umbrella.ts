import { lighten, SHADOW } from '../colour.ts';
import { oval, shape, stroke } from '../svg.ts';
import type { DrawItem } from './item.ts';

export const umbrella: DrawItem = (paw, colour) => {
  const cloth = colour ?? '#e0665c';
  return {
    behind: stroke('M52 -40V-290', '#6b4c39', 5),
    front: [
      stroke('M0 -310v-12', '#6b4c39', 5),
      shape(
        'M-118 -248C-108 -304 -52 -310 0 -310C52 -310 108 -304 118 -248Q98 -262 78 -250Q58 -264 39 -250Q20 -264 0 -250Q-20 -264 -39 -250Q-58 -264 -78 -250Q-98 -262 -118 -248Z',
        cloth,
      ),
      shape(
        'M-39 -250Q-34 -294 0 -310Q34 -294 39 -250Q20 -264 0 -250Q-20 -264 -39 -250Z',
        lighten(cloth, 0.4),
        0.7,
      ),
      shape(
        'M39 -250Q34 -294 0 -310C52 -310 108 -304 118 -248Q98 -262 78 -250Q58 -264 39 -250Z',
        SHADOW,
        0.12,
      ),
      stroke('M52 -62V-28Q52 -18 61 -18Q69 -18 69 -27', '#6b4c39', 5) + oval(52, -54, 13, 11.5, paw),
    ].join(''),
  };
};
