import { darken, lighten } from '../colour.ts';
import { both, oval, shape, stroke } from '../svg.ts';
import type { DrawAnimal } from './animal.ts';
import { cheeks, eyes, muzzle, roundHead, whiskers } from './face.ts';
import { sittingBody } from './sitting-body.ts';

export const cat: DrawAnimal = (canvas, colour) => {
  const coat =
    colour ?? canvas.random.fork('cat').pick(['#e0954e', '#8f8f9c', '#e9d6b5', '#5a5363', '#c98a5b']);
  const [dark, belly] = [darken(coat, 0.28), lighten(coat, 0.65)];
  return {
    back:
      stroke('M38 -14C92 -6 112 -44 104 -66C98 -84 86 -92 84 -102', coat, 20) +
      stroke('M88 -36l15 -8M99 -58l17 1M97 -80l15 8', dark, 6, 0.6),
    body: sittingBody(canvas, coat, belly),
    head: [
      both(shape('M62 -166Q68 -226 54 -236Q34 -228 12 -204Z', coat)),
      both(shape('M53 -186Q57 -216 51 -222Q40 -216 27 -202Z', '#f0a9a6')),
      roundHead(70, canvas.gradient('down', [lighten(coat, 0.1), coat])),
      stroke('M0 -207V-190M-13 -205Q-12 -197 -10 -192M13 -205Q12 -197 10 -192', dark, 5, 0.75),
      both(stroke('M64 -158Q56 -156 49 -158M62 -145Q55 -145 49 -148', dark, 4, 0.65)),
      both(oval(13, -136, 19, 15, belly)),
      eyes(31, -160, 9.5) + cheeks(47, -140) + whiskers(-138) + muzzle(-146, '#e0787f', 6),
    ].join(''),
    paw: coat,
  };
};
