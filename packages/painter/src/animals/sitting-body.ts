import type { Canvas } from '../canvas.ts';
import { darken, lighten } from '../colour.ts';
import { both, oval, shape, stroke } from '../svg.ts';

/** The body of a four-legged animal that sits and looks at us. */
export function sittingBody(canvas: Canvas, coat: string, belly: string, paws = coat): string {
  const fill = canvas.gradient('down', [lighten(coat, 0.1), coat, darken(coat, 0.14)]);
  const toes = (x: number) => stroke(`M${x - 5} -6v6M${x + 4} -6v6`, darken(paws, 0.3), 1.6, 0.7);
  return [
    both(oval(42, -27, 29, 29, darken(coat, 0.06)) + oval(50, -6, 19, 9.5, paws) + toes(50)),
    shape('M-46 -4C-62 -50 -42 -112 0 -120C42 -112 62 -50 46 -4Q0 6 -46 -4Z', fill),
    shape('M0 -106C27 -100 34 -62 28 -32Q0 -22 -28 -32C-34 -62 -27 -100 0 -106Z', belly),
    both(shape('M31 -52Q33 -26 31 -4Q18 2 8 -4Q8 -26 5 -48Q16 -78 31 -52Z', fill)),
    both(oval(19, -6, 15, 9.5, paws) + toes(19)),
    stroke('M0 -60V-14M-16 -96q4 6 8 0M-4 -90q4 6 8 0M8 -96q4 6 8 0', darken(belly, 0.2), 1.6, 0.5),
  ].join('');
}
