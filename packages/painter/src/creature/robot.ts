import { darken, lighten, mix } from '../colour.ts';
import { box, circle, oval, shape, stroke } from '../svg.ts';
import type { DrawCreature } from './creature.ts';

/** A small, friendly machine. */
export const robot: DrawCreature = (sheet, { colour, asleep }) => {
  const metal =
    colour ?? sheet.random.fork('robot').pick(['#7fb3b5', '#e0a25a', '#a9b4c4', '#d98a7a', '#8fae7c']);
  const dark = darken(metal, 0.32);
  const shine = sheet.gradient('across', [lighten(metal, 0.35), metal, darken(metal, 0.16)]);
  const glow = asleep ? '#7c8fa3' : '#9ff0dc';
  const arm = (sign: number) =>
    stroke(`M${sign * 46} -86Q${sign * 72} -72 ${sign * 60} -46`, dark, 11) +
    circle(sign * 58, -42, 12, metal) +
    circle(sign * 48, -88, 11, mix(metal, '#ffffff', 0.2));
  const leg = (sign: number) =>
    box(sign * 24 - 8, -26, 16, 22, dark, { rx: 4 }) +
    shape(
      `M${sign * 24 - 24} 2Q${sign * 24 - 22} -14 ${sign * 24} -14Q${sign * 24 + 22} -14 ${sign * 24 + 24} 2Z`,
      metal,
    );
  const eye = (x: number) =>
    asleep
      ? stroke(`M${x - 9} -160H${x + 9}`, glow, 5)
      : box(x - 8, -174, 16, 24, glow, { rx: 8 }) + circle(x - 2.5, -168, 3, '#ffffff');
  const lamps = ['#e2635b', '#f0c14b', '#62a05e'].map(
    (lamp, at) =>
      circle(-16 + at * 16, -54, 5, lamp) + circle(-17.5 + at * 16, -55.5, 1.7, '#ffffff', { opacity: 0.8 }),
  );
  return {
    back: leg(-1) + leg(1),
    body: [
      arm(-1),
      arm(1),
      box(-48, -114, 96, 94, shine, { rx: 22 }),
      box(-32, -98, 64, 58, lighten(metal, 0.42), { rx: 10 }),
      stroke('M-22 -84H-6M-22 -76H8', dark, 3.4, { opacity: 0.6 }),
      circle(18, -80, 9, dark) + stroke('M18 -80L23 -85', '#f7e7c4', 2.2),
      ...lamps,
      ...[
        [-40, -106],
        [40, -106],
        [-40, -28],
        [40, -28],
      ].map(([x, y]) => circle(x!, y!, 2.6, dark, { opacity: 0.7 })),
    ].join(''),
    head: [
      stroke('M0 -208V-232', dark, 5) +
        circle(0, -236, 9, '#e2635b') +
        circle(-3, -239, 3, '#ffffff', { opacity: 0.8 }),
      box(-20, -120, 40, 14, dark, { rx: 4 }),
      box(-80, -176, 16, 34, dark, { rx: 7 }) + box(64, -176, 16, 34, dark, { rx: 7 }),
      box(-68, -210, 136, 96, shine, { rx: 32 }),
      box(-54, -194, 108, 66, '#2f3a4c', { rx: 24 }),
      eye(-24),
      eye(24),
      oval(-38, -141, 8, 5, '#f28f96', { opacity: 0.75 }) +
        oval(38, -141, 8, 5, '#f28f96', { opacity: 0.75 }),
      stroke('M-10 -144Q0 -136 10 -144', glow, 3.4),
      stroke('M-48 -200Q-30 -206 -8 -206', '#ffffff', 5, { opacity: 0.5 }),
    ].join(''),
    paw: metal,
    crownY: -208,
    headY: -162,
    headHalf: 70,
    neckHalf: 30,
  };
};
