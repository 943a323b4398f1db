import { darken, lighten, mix } from '../colour.ts';
import { box, polygon, shape, stroke } from '../svg.ts';
import type { DrawThing } from './thing.ts';

/** Towers with pointed roofs and flags. */
export const castle: DrawThing = (sheet, colour) => {
  const { palette } = sheet;
  const wall = mix(colour ?? '#e5d6c8', palette.hills[1], 0.22 + palette.dusk);
  const roofs = ['#7f6fb0', '#c96a6f', '#5f8fb5'];
  const tower = (x: number, wide: number, tall: number, at: number) => {
    const roof = mix(roofs[at % 3]!, palette.hills[2], palette.dusk);
    return [
      box(
        x - wide / 2,
        -tall,
        wide,
        tall + 2,
        sheet.gradient('across', [lighten(wall, 0.2), wall, darken(wall, 0.2)]),
      ),
      box(x - wide / 2 - 1, -tall - 1, wide + 2, 3.4, darken(wall, 0.12)),
      polygon(
        [
          [x - wide / 2 - 2, -tall],
          [x, -tall - wide * 1.7],
          [x + wide / 2 + 2, -tall],
        ],
        roof,
      ),
      polygon(
        [
          [x, -tall - wide * 1.7],
          [x + wide / 2 + 2, -tall],
          [x + wide * 0.1, -tall],
        ],
        darken(roof, 0.25),
        { opacity: 0.6 },
      ),
      stroke(`M${x} ${-tall - wide * 1.7}v-8`, '#5a5566', 0.8),
      shape(`M${x} ${-tall - wide * 1.7 - 8}q4 -1 8 1.6q-4 1.4 -8 2.6Z`, '#e2635b'),
      box(x - 1.4, -tall * 0.72, 2.8, 6.5, palette.lamp, { rx: 1.4 }),
    ].join('');
  };
  const battlements = Array.from({ length: 9 }, (_, at) => box(-36 + at * 8.4, -31, 4.6, 5, wall)).join('');
  return [
    tower(-14, 13, 66, 0),
    tower(16, 11, 58, 1),
    box(-36, -28, 72, 30, sheet.gradient('down', [lighten(wall, 0.1), darken(wall, 0.1)])),
    battlements,
    tower(-36, 12, 42, 2),
    tower(36, 12, 46, 0),
    tower(1, 15, 48, 1),
    shape('M-7 2V-13Q1 -23 9 -13V2Z', '#6b4a3a'),
  ].join('');
};
