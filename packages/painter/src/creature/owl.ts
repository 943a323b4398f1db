import { darken, lighten } from '../colour.ts';
import { circle, oval, polygon, shape, stroke } from '../svg.ts';
import type { DrawCreature } from './creature.ts';
import { blush } from './face.ts';

export const owl: DrawCreature = (sheet, { colour, asleep }) => {
  const coat = colour ?? sheet.random.fork('owl').pick(['#9a7556', '#7f7f9f', '#b58a5c', '#c9b9a5']);
  const light = lighten(coat, 0.6);
  const wing = (sign: number) =>
    shape(
      `M${sign * 50} -104C${sign * 84} -86 ${sign * 82} -36 ${sign * 44} -14C${sign * 46} -44 ${sign * 38} -78 ${sign * 50} -104Z`,
      darken(coat, 0.2),
    );
  const feathers = [-84, -68, -52, -36].flatMap((y, row) =>
    (row % 2 ? [-14, 0, 14] : [-21, -7, 7, 21]).map((x) =>
      stroke(`M${x - 6} ${y}q6 8 12 0`, coat, 2.6, { opacity: 0.75 }),
    ),
  );
  const disc = (sign: number) =>
    circle(sign * 27, -160, 29, light) +
    circle(sign * 27, -160, 29, 'none', { stroke: darken(coat, 0.1), 'stroke-width': 2, opacity: 0.5 });
  const eye = (x: number) =>
    asleep
      ? stroke(`M${x - 13} -160Q${x} -148 ${x + 13} -160`, '#33283a', 4)
      : circle(x, -160, 17, '#f2b544') +
        circle(x, -160, 11.5, '#33283a') +
        circle(x - 4, -165, 4.2, '#ffffff') +
        circle(x + 4, -155, 1.9, '#ffffff', { opacity: 0.8 });
  const foot = (x: number) => stroke(`M${x - 9} -1L${x} -9L${x + 9} -1M${x} -9V1`, '#e09a45', 5);
  return {
    back: '',
    body: [
      foot(-20),
      foot(20),
      shape(
        'M0 -126C46 -122 62 -80 54 -38C48 -12 28 -6 0 -6C-28 -6 -48 -12 -54 -38C-62 -80 -46 -122 0 -126Z',
        sheet.gradient('down', [lighten(coat, 0.1), coat]),
      ),
      oval(0, -58, 35, 46, light),
      ...feathers,
      wing(-1),
      wing(1),
    ].join(''),
    head: [
      shape(
        'M-62 -160C-66 -190 -66 -210 -60 -226C-46 -216 -36 -208 -24 -206Q0 -212 24 -206C36 -208 46 -216 60 -226C66 -210 66 -190 62 -160C60 -124 34 -108 0 -108C-34 -108 -60 -124 -62 -160Z',
        sheet.gradient('down', [lighten(coat, 0.12), coat]),
      ),
      disc(-1),
      disc(1),
      eye(-26),
      eye(26),
      blush(46, -132),
      polygon(
        [
          [-9, -150],
          [9, -150],
          [0, -132],
        ],
        '#e9a042',
      ) +
        polygon(
          [
            [0, -150],
            [9, -150],
            [0, -132],
          ],
          '#c9812f',
          { opacity: 0.7 },
        ),
    ].join(''),
    paw: darken(coat, 0.2),
    crownY: -208,
    headY: -160,
    headHalf: 62,
    neckHalf: 42,
  };
};
