import { darken, lighten } from '../colour.ts';
import { both, circle, oval } from '../svg.ts';
import type { DrawAnimal } from './animal.ts';
import { cheeks, eyes, muzzle, roundHead } from './face.ts';
import { sittingBody } from './sitting-body.ts';

export const bear: DrawAnimal = (canvas, colour) => {
  const coat = colour ?? canvas.random.fork('bear').pick(['#a87349', '#8d6448', '#c49a6c', '#eee6da']);
  return {
    body: sittingBody(canvas, coat, lighten(coat, 0.4)),
    head: [
      both(circle(48, -202, 22, darken(coat, 0.12)) + circle(48, -200, 12, lighten(coat, 0.25))),
      roundHead(70, canvas.gradient('down', [lighten(coat, 0.1), coat])),
      oval(0, -138, 30, 24, lighten(coat, 0.5)),
      eyes(29, -166, 8) + cheeks(46, -146) + muzzle(-146, '#3c2f38', 9),
    ].join(''),
    paw: coat,
  };
};
