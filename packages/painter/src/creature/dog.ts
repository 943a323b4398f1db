import { darken, lighten } from '../colour.ts';
import { oval, shape, stroke } from '../svg.ts';
import type { DrawCreature } from './creature.ts';
import { blush, eyes, muzzle } from './face.ts';
import { seatedBody } from './seated.ts';

export const dog: DrawCreature = (sheet, { colour, asleep }) => {
  const random = sheet.random.fork('dog');
  const coat = colour ?? random.pick(['#d9a566', '#f1e3c8', '#a8724a', '#c9c2bd']);
  const ears = colour ? darken(colour, 0.32) : random.pick(['#8a5a3c', '#6b4a44', '#b3703f']);
  const belly = lighten(coat, 0.65);
  const ear = (sign: number) =>
    shape(
      `M${sign * 42} -204C${sign * 78} -214 ${sign * 94} -176 ${sign * 86} -142C${sign * 82} -122 ${sign * 64} -122 ${sign * 60} -142C${sign * 58} -160 ${sign * 54} -176 ${sign * 42} -204Z`,
      ears,
    ) +
    stroke(`M${sign * 74} -184Q${sign * 80} -164 ${sign * 76} -144`, lighten(ears, 0.3), 3, {
      opacity: 0.45,
    });
  const patch = shape('M14 -178C20 -200 56 -198 58 -166C58 -142 30 -136 18 -150Z', ears, { opacity: 0.75 });
  return {
    back: stroke('M40 -26C74 -34 86 -58 82 -78', coat, 17) + stroke('M83 -66L82 -79', belly, 15),
    body: seatedBody(sheet, coat, belly, lighten(coat, 0.25)),
    head: [
      shape(
        'M0 -212C42 -212 64 -188 64 -160C64 -128 38 -106 0 -106C-38 -106 -64 -128 -64 -160C-64 -188 -42 -212 0 -212Z',
        sheet.gradient('down', [lighten(coat, 0.1), coat]),
      ),
      patch,
      ear(-1),
      ear(1),
      oval(0, -134, 34, 26, belly),
      asleep
        ? ''
        : shape('M-7 -124Q-8 -108 0 -107Q8 -108 7 -124Z', '#e9808a') + stroke('M0 -122V-112', '#c9606e', 1.4),
      eyes(28, -163, 9, asleep),
      ...(asleep
        ? []
        : [stroke('M-36 -183Q-28 -189 -20 -185', ears, 4), stroke('M36 -183Q28 -189 20 -185', ears, 4)]),
      blush(46, -140),
      muzzle(-146, { nose: '#3c2f38', size: 10, wide: 13 }),
    ].join(''),
    paw: lighten(coat, 0.1),
    crownY: -210,
    headY: -160,
    headHalf: 68,
    neckHalf: 37,
  };
};
