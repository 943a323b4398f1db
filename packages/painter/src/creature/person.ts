import { darken, lighten } from '../colour.ts';
import type { Sheet } from '../sheet.ts';
import { circle, oval, shape, stroke } from '../svg.ts';
import type { Creature, DrawCreature } from './creature.ts';
import { blush, eyes, smile } from './face.ts';
import { suitBody } from './seated.ts';

const SKINS = ['#f6d3b3', '#e0a878', '#b97c54', '#8d5a3f', '#f2c7a5'];
const HAIRS = ['#4a3434', '#7b4a32', '#d9a352', '#2f2a35', '#b5583a'];

/** Somebody in a warm jumper. */
export const person: DrawCreature = (sheet, { colour, asleep, suited }) => {
  const random = sheet.random.fork('person');
  const jumper = colour ?? random.pick(['#d9694f', '#4f86a8', '#e0a23f', '#6f9a5f', '#a06a9c']);
  const skin = random.pick(SKINS);
  return {
    ...somebody(sheet, skin, random.pick(HAIRS), asleep),
    body: suited ? suitBody(sheet) : knitted(sheet, jumper, skin),
  };
};

/** Somebody in a space suit. */
export const astronaut: DrawCreature = (sheet, looks) => person(sheet, { ...looks, suited: true });

function somebody(sheet: Sheet, skin: string, hair: string, asleep: boolean): Creature {
  const long = sheet.random.fork('hair').chance(0.5);
  const back = long
    ? shape('M-58 -170C-66 -120 -60 -92 -48 -84H48C60 -92 66 -120 58 -170Z', darken(hair, 0.15))
    : '';
  return {
    back,
    body: '',
    head: [
      circle(-54, -154, 11, skin) + circle(54, -154, 11, skin),
      shape(
        'M0 -206C34 -206 54 -186 54 -158C54 -128 30 -106 0 -106C-30 -106 -54 -128 -54 -158C-54 -186 -34 -206 0 -206Z',
        skin,
      ),
      shape(
        'M-57 -152C-66 -204 -28 -220 2 -218C40 -216 66 -196 57 -152C50 -164 48 -174 40 -182C20 -172 -20 -170 -40 -184C-48 -174 -52 -166 -57 -152Z',
        hair,
      ),
      stroke('M-30 -206Q-6 -214 20 -208', lighten(hair, 0.4), 4, { opacity: 0.4 }),
      eyes(22, -152, 7, asleep),
      blush(36, -136),
      oval(0, -142, 3.6, 2.6, darken(skin, 0.18), { opacity: 0.8 }),
      smile(-131, 11),
    ].join(''),
    paw: skin,
    crownY: -214,
    headY: -160,
    headHalf: 60,
    neckHalf: 30,
  };
}

function knitted(sheet: Sheet, jumper: string, skin: string): string {
  const arm = (sign: number) =>
    stroke(`M${sign * 38} -88Q${sign * 60} -66 ${sign * 46} -44`, darken(jumper, 0.08), 22) +
    circle(sign * 44, -40, 11, skin);
  const leg = (sign: number) =>
    shape(
      `M${sign * 4} -24Q${sign * 40} -30 ${sign * 54} -12Q${sign * 52} 2 ${sign * 30} 2Q${sign * 8} 0 ${sign * 4} -24Z`,
      '#4d5a7a',
    ) + oval(sign * 52, -6, 17, 10, '#8a5a44');
  const rows = [-84, -70, -56, -42].map((y) =>
    stroke(`M${-32} ${y}q8 5 16 0t16 0t16 0t16 0`, lighten(jumper, 0.45), 2.6, { opacity: 0.7 }),
  );
  return [
    leg(-1),
    leg(1),
    shape(
      'M-44 -22C-54 -62 -44 -104 0 -112C44 -104 54 -62 44 -22Q0 -12 -44 -22Z',
      sheet.gradient('down', [lighten(jumper, 0.1), darken(jumper, 0.08)]),
    ),
    ...rows,
    arm(-1),
    arm(1),
    stroke('M-22 -106Q0 -96 22 -106', darken(jumper, 0.18), 9),
  ].join('');
}
