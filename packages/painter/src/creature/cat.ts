import { brightness, darken, lighten } from '../colour.ts';
import { oval, shape, stroke } from '../svg.ts';
import type { DrawCreature } from './creature.ts';
import { blush, eyes, muzzle, whiskers } from './face.ts';
import { seatedBody } from './seated.ts';

export const cat: DrawCreature = (sheet, { colour, asleep }) => {
  const random = sheet.random.fork('cat');
  const coat = colour ?? random.pick(['#e0954e', '#8f8f9c', '#e9d6b5', '#5a5363', '#c98a5b']);
  const dark = darken(coat, brightness(coat) < 0.35 ? 0.35 : 0.26);
  const belly = lighten(coat, brightness(coat) < 0.35 ? 0.82 : 0.62);
  const ear = (sign: number) =>
    shape(
      `M${sign * 62} -166Q${sign * 68} -226 ${sign * 54} -236Q${sign * 34} -228 ${sign * 12} -204Z`,
      coat,
    ) +
    shape(
      `M${sign * 53} -186Q${sign * 57} -216 ${sign * 51} -222Q${sign * 40} -216 ${sign * 27} -202Z`,
      '#f0a9a6',
    );
  const stripes = stroke('M0 -208V-190M-13 -206Q-12 -197 -10 -192M13 -206Q12 -197 10 -192', dark, 5, {
    opacity: 0.75,
  });
  const cheeks = stroke(
    'M-64 -158Q-56 -156 -49 -158M-62 -145Q-55 -145 -49 -148M64 -158Q56 -156 49 -158M62 -145Q55 -145 49 -148',
    dark,
    4,
    { opacity: 0.65 },
  );
  const tailRings = stroke('M88 -36l15 -8M99 -58l17 1M97 -80l15 8', dark, 6, { opacity: 0.6 });
  return {
    back: stroke('M38 -14C92 -6 112 -44 104 -66C98 -84 86 -92 84 -102', coat, 20) + tailRings,
    body: seatedBody(sheet, coat, belly),
    head: [
      ear(-1),
      ear(1),
      shape(
        'M0 -212C44 -212 70 -188 70 -158C70 -128 40 -108 0 -108C-40 -108 -70 -128 -70 -158C-70 -188 -44 -212 0 -212Z',
        sheet.gradient('down', [lighten(coat, 0.1), coat]),
      ),
      stripes,
      cheeks,
      oval(-13, -136, 19, 15, belly) + oval(13, -136, 19, 15, belly),
      eyes(31, -160, 9.5, asleep),
      blush(47, -140),
      whiskers(28, -138, '#fffaf0'),
      muzzle(-146, { nose: '#e0787f' }),
    ].join(''),
    paw: coat,
    crownY: -208,
    headY: -160,
    headHalf: 68,
    neckHalf: 37,
  };
};
