import { darken, lighten, mix } from '../colour.ts';
import { both, box, circle, oval, shape, stroke } from '../svg.ts';
import type { DrawAnimal } from './animal.ts';

/** A small, friendly machine. */
export const robot: DrawAnimal = (canvas, colour) => {
  const metal = colour ?? canvas.random.fork('robot').pick(['#7fb3b5', '#e0a25a', '#a9b4c4', '#d98a7a']);
  const [dark, glow] = [darken(metal, 0.32), '#9ff0dc'];
  const shine = canvas.gradient('across', [lighten(metal, 0.35), metal, darken(metal, 0.16)]);
  const lamps = ['#e2635b', '#f0c14b', '#62a05e'].map((lamp, at) => circle(-16 + at * 16, -54, 5, lamp));
  return {
    body: [
      both(box(16, -26, 16, 22, dark, 4) + shape('M0 2Q2 -14 24 -14Q46 -14 48 2Z', metal)),
      both(stroke('M46 -86Q72 -72 60 -46', dark, 11)),
      both(circle(58, -42, 12, metal) + circle(48, -88, 11, mix(metal, '#ffffff', 0.2))),
      box(-48, -114, 96, 94, shine, 22) + box(-32, -98, 64, 58, lighten(metal, 0.42), 10),
      stroke('M-22 -84H-6M-22 -76H8', dark, 3.4, 0.6),
      circle(18, -80, 9, dark) + stroke('M18 -80L23 -85', '#f7e7c4', 2.2),
      ...lamps,
    ].join(''),
    head: [
      stroke('M0 -208V-232', dark, 5) + circle(0, -236, 9, '#e2635b') + circle(-3, -239, 3, '#ffffff', 0.8),
      box(-20, -120, 40, 14, dark, 4) + both(box(64, -176, 16, 34, dark, 7)),
      box(-68, -210, 136, 96, shine, 32) + box(-54, -194, 108, 66, '#2f3a4c', 24),
      both(box(16, -174, 16, 24, glow, 8) + circle(21.5, -168, 3, '#ffffff')),
      both(oval(38, -141, 8, 5, '#f28f96', 0.75)),
      stroke('M-10 -144Q0 -136 10 -144', glow, 3.4),
    ].join(''),
    paw: metal,
  };
};
