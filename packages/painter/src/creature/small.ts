import { darken, lighten } from '../colour.ts';
import { circle, oval, type Point, polygon, shape, stroke } from '../svg.ts';
import type { DrawCreature } from './creature.ts';
import { blush, eyes, muzzle, whiskers } from './face.ts';
import { seatedBody } from './seated.ts';

export const mouse: DrawCreature = (sheet, { colour, asleep }) => {
  const coat = colour ?? sheet.random.fork('mouse').pick(['#b9b0b6', '#c9a98c', '#e6dccf']);
  const ear = (sign: number) => circle(sign * 54, -204, 34, coat) + circle(sign * 54, -203, 22, '#f2b3b4');
  return {
    back: stroke('M40 -10C92 2 118 -24 104 -52C96 -68 110 -84 122 -80', '#eba3a3', 6),
    body: seatedBody(sheet, coat, lighten(coat, 0.6), '#f2b3b4'),
    head: [
      ear(-1),
      ear(1),
      shape(
        'M0 -204C38 -204 60 -182 60 -156C60 -126 32 -106 0 -106C-32 -106 -60 -126 -60 -156C-60 -182 -38 -204 0 -204Z',
        sheet.gradient('down', [lighten(coat, 0.14), coat]),
      ),
      eyes(26, -160, 8.5, asleep),
      blush(42, -140),
      whiskers(20, -140, '#fffaf0'),
      muzzle(-144, { nose: '#e2787f', size: 8 }),
    ].join(''),
    paw: '#f2b3b4',
    crownY: -201,
    headY: -156,
    headHalf: 62,
    neckHalf: 35,
  };
};

export const hedgehog: DrawCreature = (sheet, { colour, asleep }) => {
  const spines = colour ?? '#7b5a48';
  const skin = '#f0d5b4';
  const ring = (r: number, count: number, fill: string) => {
    const points = Array.from({ length: count * 2 }, (_, at): Point => {
      const turn = (at / (count * 2)) * Math.PI * 2;
      const reach = at % 2 ? r : r * 0.86;
      return [Math.cos(turn) * reach * 0.92, -106 + Math.sin(turn) * reach * 1.08];
    });
    return polygon(points, fill, { 'stroke-linejoin': 'round' });
  };
  return {
    back: ring(112, 34, darken(spines, 0.15)) + ring(98, 30, spines) + ring(84, 26, lighten(spines, 0.14)),
    body: seatedBody(sheet, skin, lighten(skin, 0.5)),
    head: [
      circle(-50, -182, 15, darken(skin, 0.1)) + circle(50, -182, 15, darken(skin, 0.1)),
      shape(
        'M0 -196C36 -196 58 -178 58 -152C58 -126 34 -108 0 -108C-34 -108 -58 -126 -58 -152C-58 -178 -36 -196 0 -196Z',
        skin,
      ),
      shape(
        'M-58 -158Q-46 -204 0 -206Q46 -204 58 -158Q48 -176 38 -172Q30 -188 18 -178Q8 -192 0 -180Q-8 -192 -18 -178Q-30 -188 -38 -172Q-48 -176 -58 -158Z',
        spines,
      ),
      eyes(24, -154, 8, asleep),
      blush(40, -136),
      muzzle(-138, { nose: '#3c2f38', size: 8.5 }),
    ].join(''),
    paw: skin,
    crownY: -206,
    headY: -156,
    headHalf: 60,
    neckHalf: 35,
  };
};

export const dragon: DrawCreature = (sheet, { colour, asleep }) => {
  const skin = colour ?? sheet.random.fork('dragon').pick(['#6fae86', '#7c8fd0', '#d9765f', '#9a7cc0']);
  const spike = darken(skin, 0.3);
  const wing = (sign: number) =>
    shape(
      `M${sign * 34} -92C${sign * 70} -150 ${sign * 118} -150 ${sign * 132} -126Q${sign * 112} -120 ${sign * 114} -98Q${sign * 94} -104 ${sign * 88} -80Q${sign * 68} -88 ${sign * 40} -62Z`,
      lighten(skin, 0.35),
    ) +
    stroke(
      `M${sign * 38} -88Q${sign * 84} -136 ${sign * 130} -126M${sign * 50} -84Q${sign * 90} -112 ${sign * 114} -100`,
      spike,
      2.4,
      { opacity: 0.6 },
    );
  const horn = (sign: number) =>
    shape(
      `M${sign * 20} -204Q${sign * 24} -234 ${sign * 44} -242Q${sign * 44} -220 ${sign * 40} -198Z`,
      '#f2deb4',
    );
  const crest = [-204, -214, -204].map((y, at) =>
    polygon(
      [
        [(at - 1) * 11 - 6, -200],
        [(at - 1) * 11, y - 8],
        [(at - 1) * 11 + 6, -200],
      ],
      spike,
    ),
  );
  return {
    back:
      wing(-1) +
      wing(1) +
      stroke('M36 -14C84 4 112 -22 102 -54', skin, 18) +
      polygon(
        [
          [92, -52],
          [103, -80],
          [116, -54],
        ],
        spike,
      ),
    body:
      seatedBody(sheet, skin, '#f6e7bf') +
      stroke('M-26 -88Q0 -80 26 -88M-29 -72Q0 -64 29 -72', '#e0c78c', 2.4),
    head: [
      ...crest,
      horn(-1),
      horn(1),
      shape('M-60 -176Q-86 -186 -84 -162Q-76 -152 -60 -156Z', lighten(skin, 0.2)) +
        shape('M60 -176Q86 -186 84 -162Q76 -152 60 -156Z', lighten(skin, 0.2)),
      shape(
        'M0 -208C40 -208 66 -188 66 -160C66 -126 40 -106 0 -106C-40 -106 -66 -126 -66 -160C-66 -188 -40 -208 0 -208Z',
        sheet.gradient('down', [lighten(skin, 0.16), skin]),
      ),
      oval(0, -132, 40, 25, lighten(skin, 0.42)),
      eyes(29, -164, 9.5, asleep),
      blush(48, -142),
      oval(-11, -140, 3, 2.2, spike) + oval(11, -140, 3, 2.2, spike),
      stroke('M-20 -124Q0 -112 20 -124', '#33283a', 2.6) +
        polygon(
          [
            [-14, -121],
            [-8, -119],
            [-11.5, -112],
          ],
          '#ffffff',
        ),
    ].join(''),
    paw: skin,
    crownY: -206,
    headY: -160,
    headHalf: 66,
    neckHalf: 37,
  };
};
