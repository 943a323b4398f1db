import { darken, lighten, mix } from '../colour.ts';
import { both, shape } from '../svg.ts';
import type { DrawAnimal } from './animal.ts';
import { cheeks, eyes, muzzle } from './face.ts';
import { sittingBody } from './sitting-body.ts';

export const fox: DrawAnimal = (canvas, colour) => {
  const orange = canvas.random.fork('fox').pick(['#df7a3c', '#e58a45', '#d66f3a']);
  const coat = colour ? mix(colour, '#e0661f', 0.4) : orange;
  const [white, socks] = ['#fdf3e3', darken(coat, 0.62)];
  return {
    back:
      shape(
        'M34 -10C74 8 118 -8 122 -58C124 -88 108 -112 94 -122C92 -98 82 -86 72 -66C64 -48 52 -34 34 -28Z',
        coat,
      ) +
      shape('M94 -122C108 -112 124 -88 122 -60Q108 -66 101 -78Q92 -78 82 -84C88 -98 93 -106 94 -122Z', white),
    body: sittingBody(canvas, coat, white, socks),
    head: [
      both(shape('M64 -172Q76 -228 64 -246Q34 -234 14 -204Z', coat)),
      both(shape('M69 -222Q71 -238 64 -246Q50 -240 40 -230Z', socks)),
      both(shape('M56 -188Q62 -214 58 -224Q42 -216 30 -202Z', '#f6d5c0')),
      shape(
        'M0 -106C30 -106 60 -122 90 -136C78 -150 76 -166 68 -182C52 -214 -52 -214 -68 -182C-76 -166 -78 -150 -90 -136C-60 -122 -30 -106 0 -106Z',
        canvas.gradient('down', [lighten(coat, 0.12), coat]),
      ),
      both(shape('M-1 -106C26 -107 52 -121 88 -136C72 -152 48 -160 24 -152Q10 -150 -1 -142Z', white)),
      eyes(29, -162, 8.8) + cheeks(46, -142) + muzzle(-140, '#3c2f38', 8),
    ].join(''),
    paw: socks,
  };
};
