import { darken, lighten } from '../colour.ts';
import { circle, oval, shape } from '../svg.ts';
import type { DrawCreature } from './creature.ts';
import { blush, eyes, smile } from './face.ts';
import { seatedBody } from './seated.ts';

export const frog: DrawCreature = (sheet, { colour, asleep }) => {
  const skin = colour ?? sheet.random.fork('frog').pick(['#7fb05a', '#5fa870', '#9dbb52']);
  const spots = [
    [-44, -178],
    [44, -176],
    [-52, -156],
    [0, -190],
    [52, -154],
  ].map(([x, y]) => oval(x!, y!, 6, 4.4, darken(skin, 0.2), { opacity: 0.55 }));
  return {
    back: '',
    body: seatedBody(sheet, skin, lighten(skin, 0.6), lighten(skin, 0.1)),
    head: [
      circle(-34, -194, 23, skin) + circle(34, -194, 23, skin),
      shape(
        'M0 -196C50 -196 78 -176 78 -150C78 -120 44 -106 0 -106C-44 -106 -78 -120 -78 -150C-78 -176 -50 -196 0 -196Z',
        sheet.gradient('down', [lighten(skin, 0.14), skin]),
      ),
      shape(
        'M-70 -136C-40 -112 40 -112 70 -136C60 -112 34 -106 0 -106C-34 -106 -60 -112 -70 -136Z',
        lighten(skin, 0.55),
      ),
      ...spots,
      eyes(34, -194, 10, asleep, true),
      circle(-6, -158, 1.8, darken(skin, 0.5)) + circle(6, -158, 1.8, darken(skin, 0.5)),
      blush(56, -140),
      smile(-140, 26),
    ].join(''),
    paw: skin,
    crownY: -196,
    headY: -156,
    headHalf: 76,
    neckHalf: 38,
  };
};
