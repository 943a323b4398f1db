import { darken } from '../colour.ts';
import { oval, place, shape, stroke } from '../svg.ts';
import type { DrawItem } from './item.ts';

/** A toy balloon on a string. */
export const balloon: DrawItem = (paw, colour) => {
  const skin = colour ?? '#e2635b';
  return {
    behind: stroke('M56 -52C66 -110 92 -150 96 -198', '#8a7f8c', 1.8),
    front: [
      oval(54, -50, 12, 11, paw),
      oval(98, -244, 36, 44, skin) + shape('M92 -201H104L98 -194Z', darken(skin, 0.2)),
      place(oval(0, 0, 8, 14, '#ffffff', 0.55), 86, -262, 1, 22),
    ].join(''),
  };
};
