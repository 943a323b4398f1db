import { darken, lighten } from '../colour.ts';
import { shape, stroke } from '../svg.ts';
import type { DrawCreature } from './creature.ts';
import { blush, eyes, muzzle } from './face.ts';
import { seatedBody } from './seated.ts';

export const fox: DrawCreature = (sheet, { colour, asleep }) => {
  const coat =
    colour === '#d4544a'
      ? '#d9622f'
      : (colour ?? sheet.random.fork('fox').pick(['#df7a3c', '#e58a45', '#d66f3a']));
  const white = '#fdf3e3';
  const socks = darken(coat, 0.62);
  const ear = (sign: number) => [
    shape(
      `M${sign * 64} -172Q${sign * 76} -228 ${sign * 64} -246Q${sign * 34} -234 ${sign * 14} -204Z`,
      coat,
    ),
    shape(
      `M${sign * 69} -222Q${sign * 71} -238 ${sign * 64} -246Q${sign * 50} -240 ${sign * 40} -230Z`,
      socks,
    ),
    shape(
      `M${sign * 56} -188Q${sign * 62} -214 ${sign * 58} -224Q${sign * 42} -216 ${sign * 30} -202Z`,
      '#f6d5c0',
    ),
  ];
  const cheek = (sign: number) =>
    shape(
      `M${-sign} -108C${sign * 26} -108 ${sign * 52} -122 ${sign * 88} -136C${sign * 72} -152 ${sign * 48} -160 ${sign * 24} -152Q${sign * 10} -150 ${-sign} -142Z`,
      white,
    );
  const tail =
    'M34 -10C74 8 118 -8 122 -58C124 -88 108 -112 94 -122C92 -98 82 -86 72 -66C64 -48 52 -34 34 -28Z';
  const tip = 'M94 -122C108 -112 124 -88 122 -60Q108 -66 101 -78Q92 -78 82 -84C88 -98 93 -106 94 -122Z';
  return {
    back:
      shape(tail, coat) +
      shape(tip, white) +
      stroke('M60 -16Q92 -16 104 -48M66 -30Q84 -36 92 -60', darken(coat, 0.2), 2.6, { opacity: 0.5 }),
    body: seatedBody(sheet, coat, white, socks),
    head: [
      ...ear(-1),
      ...ear(1),
      shape(
        'M0 -106C30 -106 60 -122 90 -136C78 -150 76 -166 68 -182C52 -214 -52 -214 -68 -182C-76 -166 -78 -150 -90 -136C-60 -122 -30 -106 0 -106Z',
        sheet.gradient('down', [lighten(coat, 0.12), coat]),
      ),
      cheek(-1),
      cheek(1),
      eyes(29, -162, 8.8, asleep),
      blush(46, -142),
      muzzle(-140, { nose: '#3c2f38', size: 8 }),
    ].join(''),
    paw: socks,
    crownY: -206,
    headY: -160,
    headHalf: 72,
    neckHalf: 36,
  };
};
