import { darken, lighten } from '../colour.ts';
import { box, circle, oval, shape } from '../svg.ts';
import type { DrawCreature } from './creature.ts';
import { blush, eyes, muzzle } from './face.ts';
import { seatedBody } from './seated.ts';

export const rabbit: DrawCreature = (sheet, { colour, asleep }) => {
  const coat = colour ?? sheet.random.fork('rabbit').pick(['#efe3d2', '#cdb49a', '#b9b2ba', '#e9c8b4']);
  const ear = (sign: number, turn: number) =>
    oval(sign * 28, -240, 17, 52, coat, { transform: `rotate(${turn} ${sign * 28} -205)` }) +
    oval(sign * 28, -238, 8.5, 39, '#f2aeb0', { transform: `rotate(${turn} ${sign * 28} -205)` });
  return {
    back: circle(52, -28, 19, lighten(coat, 0.5)),
    body: seatedBody(sheet, coat, lighten(coat, 0.55)),
    head: [
      ear(-1, -7),
      ear(1, 12),
      shape(
        'M0 -208C40 -208 64 -186 64 -158C64 -126 38 -108 0 -108C-38 -108 -64 -126 -64 -158C-64 -186 -40 -208 0 -208Z',
        sheet.gradient('down', [lighten(coat, 0.15), coat]),
      ),
      oval(-12, -135, 18, 14, lighten(coat, 0.6)) + oval(12, -135, 18, 14, lighten(coat, 0.6)),
      box(-5, -132, 10, 9, '#ffffff', { rx: 2, stroke: darken(coat, 0.3), 'stroke-width': 0.8 }),
      eyes(30, -160, 9, asleep),
      blush(45, -140),
      muzzle(-147, { nose: '#e2878f' }),
    ].join(''),
    paw: coat,
    crownY: -204,
    headY: -158,
    headHalf: 64,
    neckHalf: 35,
  };
};
