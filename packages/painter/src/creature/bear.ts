import { darken, lighten } from '../colour.ts';
import type { Sheet } from '../sheet.ts';
import { circle, oval, shape, stroke } from '../svg.ts';
import type { Creature, DrawCreature } from './creature.ts';
import { blush, eyes, muzzle } from './face.ts';
import { seatedBody } from './seated.ts';

export const bear: DrawCreature = (sheet, { colour, asleep }) => {
  const coat = colour ?? sheet.random.fork('bear').pick(['#a87349', '#8d6448', '#c49a6c', '#eee6da']);
  const face = oval(0, -138, 30, 24, lighten(coat, 0.5)) + eyes(29, -166, 8, asleep) + blush(46, -146);
  return bearLike(sheet, { coat, limbs: coat, ears: darken(coat, 0.12), belly: lighten(coat, 0.4), face });
};

export const panda: DrawCreature = (sheet, { asleep }) => {
  const black = '#3d3a48';
  const patch = (sign: number) =>
    oval(sign * 29, -163, 16, 20, black, { transform: `rotate(${sign * 28} ${sign * 29} -163)` });
  const lids = asleep
    ? stroke('M-39 -160Q-29 -150 -19 -160M39 -160Q29 -150 19 -160', '#fbf6ec', 3)
    : eyes(28, -164, 6.5, false, true);
  const face = patch(-1) + patch(1) + lids + blush(48, -140) + oval(0, -134, 22, 17, '#ffffff');
  return bearLike(sheet, { coat: '#fbf6ec', limbs: black, ears: black, belly: '#ffffff', face });
};

function bearLike(
  sheet: Sheet,
  look: { coat: string; limbs: string; ears: string; belly: string; face: string },
): Creature {
  const { coat, limbs, ears, belly, face } = look;
  const ear = (sign: number) =>
    circle(sign * 48, -204, 22, ears) + circle(sign * 48, -202, 12, lighten(ears, 0.35), { opacity: 0.7 });
  const arms = limbs === coat ? '' : stroke('M-38 -92Q-52 -70 -40 -48M38 -92Q52 -70 40 -48', limbs, 22);
  return {
    back: '',
    body: seatedBody(sheet, coat, belly, limbs) + arms,
    head: [
      ear(-1),
      ear(1),
      shape(
        'M0 -214C44 -214 70 -190 70 -160C70 -128 42 -106 0 -106C-42 -106 -70 -128 -70 -160C-70 -190 -44 -214 0 -214Z',
        sheet.gradient('down', [lighten(coat, 0.1), coat]),
      ),
      face,
      muzzle(-146, { nose: '#3c2f38', size: 9 }),
    ].join(''),
    paw: limbs,
    crownY: -211,
    headY: -160,
    headHalf: 70,
    neckHalf: 39,
  };
}
