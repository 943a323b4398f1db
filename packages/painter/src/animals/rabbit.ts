import { lighten } from '../colour.ts';
import { both, box, circle, oval, place } from '../svg.ts';
import type { DrawAnimal } from './animal.ts';
import { cheeks, eyes, muzzle, roundHead } from './face.ts';
import { sittingBody } from './sitting-body.ts';

export const rabbit: DrawAnimal = (canvas, colour) => {
  const coat = colour ?? canvas.random.fork('rabbit').pick(['#efe3d2', '#cdb49a', '#b9b2ba', '#e9c8b4']);
  const ear = oval(0, -35, 17, 52, coat) + oval(0, -33, 8.5, 39, '#f2aeb0');
  return {
    back: circle(52, -28, 19, lighten(coat, 0.5)),
    body: sittingBody(canvas, coat, lighten(coat, 0.55)),
    head: [
      place(ear, -28, -205, 1, -7) + place(ear, 28, -205, 1, 12),
      roundHead(64, canvas.gradient('down', [lighten(coat, 0.15), coat])),
      both(oval(12, -135, 18, 14, lighten(coat, 0.6))),
      box(-5, -132, 10, 9, '#ffffff', 2),
      eyes(30, -160, 9) + cheeks(45, -140) + muzzle(-147, '#e2878f', 6),
    ].join(''),
    paw: coat,
  };
};
