import { darken, lighten } from '../colour.ts';
import { both, circle, oval, shape, stroke } from '../svg.ts';
import type { DrawAnimal } from './animal.ts';
import { cheeks, eyes } from './face.ts';

export const owl: DrawAnimal = (canvas, colour) => {
  const coat = colour ?? canvas.random.fork('owl').pick(['#9a7556', '#7f7f9f', '#b58a5c', '#c9b9a5']);
  const [light, dark] = [lighten(coat, 0.6), darken(coat, 0.2)];
  const fill = canvas.gradient('down', [lighten(coat, 0.1), coat]);
  const feathers = [-84, -68, -52, -36].map((y, row) =>
    stroke(`M${row % 2 ? -20 : -27} ${y}${'q6 8 12 0m2 0'.repeat(row % 2 ? 3 : 4)}`, coat, 2.6, 0.75),
  );
  return {
    body: [
      both(stroke('M11 -1L20 -9L29 -1M20 -9V1', '#e09a45', 5)),
      shape(
        'M0 -126C46 -122 62 -80 54 -38C48 -12 28 -6 0 -6C-28 -6 -48 -12 -54 -38C-62 -80 -46 -122 0 -126Z',
        fill,
      ),
      oval(0, -58, 35, 46, light) + feathers.join(''),
      both(shape('M50 -104C84 -86 82 -36 44 -14C46 -44 38 -78 50 -104Z', dark)),
    ].join(''),
    head: [
      shape(
        'M-62 -160C-66 -190 -66 -210 -60 -226C-46 -216 -36 -208 -24 -206Q0 -212 24 -206C36 -208 46 -216 60 -226C66 -210 66 -190 62 -160C60 -124 34 -108 0 -108C-34 -108 -60 -124 -62 -160Z',
        fill,
      ),
      both(
        circle(27, -160, 30, darken(coat, 0.1)) +
          circle(27, -160, 28, light) +
          circle(26, -160, 17, '#f2b544'),
      ),
      eyes(26, -160, 11) + cheeks(46, -132),
      shape('M-9 -150H9L0 -132Z', '#e9a042') + shape('M0 -150H9L0 -132Z', '#c9812f', 0.7),
    ].join(''),
    paw: dark,
  };
};
