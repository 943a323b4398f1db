import { darken, lighten } from '../colour.ts';
import { both, oval, shape, stroke } from '../svg.ts';
import type { DrawAnimal } from './animal.ts';
import { cheeks, eyes, muzzle, roundHead } from './face.ts';
import { sittingBody } from './sitting-body.ts';

export const dog: DrawAnimal = (canvas, colour) => {
  const coat = colour ?? canvas.random.fork('dog').pick(['#d9a566', '#f1e3c8', '#a8724a', '#c9c2bd']);
  const [ears, belly] = [darken(coat, 0.4), lighten(coat, 0.65)];
  return {
    back: stroke('M40 -26C74 -34 86 -58 82 -78', coat, 17) + stroke('M83 -66L82 -79', belly, 15),
    body: sittingBody(canvas, coat, belly, lighten(coat, 0.25)),
    head: [
      roundHead(64, canvas.gradient('down', [lighten(coat, 0.1), coat])),
      shape('M14 -178C20 -200 56 -198 58 -166C58 -142 30 -136 18 -150Z', ears, 0.75),
      both(shape('M42 -204C78 -214 94 -176 86 -142C82 -122 64 -122 60 -142C58 -160 54 -176 42 -204Z', ears)),
      oval(0, -134, 34, 26, belly),
      shape('M-7 -124Q-8 -108 0 -107Q8 -108 7 -124Z', '#e9808a') + stroke('M0 -122V-112', '#c9606e', 1.4),
      eyes(28, -163, 9) + cheeks(46, -140) + muzzle(-146, '#3c2f38', 10),
    ].join(''),
    paw: lighten(coat, 0.1),
  };
};
