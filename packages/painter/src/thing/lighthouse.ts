import { darken, lighten } from '../colour.ts';
import type { Sheet } from '../sheet.ts';
import { box, circle, polygon, shape, stroke, tag } from '../svg.ts';
import type { DrawThing } from './thing.ts';

/** A striped tower on its rock; its beam is lit when it is dark. */
export const lighthouse: DrawThing = (sheet, colour) => {
  const stripe = colour ?? '#cf5248';
  const { palette, wish } = sheet;
  const lit =
    palette.time === 'night' || palette.time === 'dusk' || wish.weather === 'storm' || wish.weather === 'fog';
  const tower = 'M-12 0L-7.5 -78H7.5L12 0Z';
  const bands = [0, 1, 2].map((at) => box(-16, -66 + at * 26, 32, 13, stripe));
  const shade = polygon(
    [
      [2, -78],
      [7.5, -78],
      [12, 0],
      [4, 0],
    ],
    '#1d1b3a',
    { opacity: 0.2 },
  );
  return [
    shape('M-34 4Q-30 -8 -17 -9Q-6 -15 6 -10Q22 -11 27 -3Q36 0 36 6Z', darken(palette.hills[2], 0.3)),
    shape('M-28 2Q-22 -6 -12 -6Q0 -11 9 -7Q18 -7 22 1Z', lighten(palette.hills[2], 0.05)),
    lit ? beams(sheet) : '',
    shape(tower, '#fbf5ea'),
    tag('g', { 'clip-path': sheet.clip(tower) }, bands.join('') + shade),
    ...[-58, -34].map((y) => box(-2, y, 4, 6.5, '#5d5870', { rx: 2 })),
    shape('M-3.5 0V-8Q0 -12 3.5 -8V0Z', '#6b4a3a'),
    box(-11, -81, 22, 3.4, '#4b4760', { rx: 1 }),
    box(-6, -92, 12, 11, lit ? '#ffe9a6' : '#cfe3ea'),
    stroke('M-2 -92V-81M2 -92V-81', '#4b4760', 0.8),
    stroke('M-10.5 -86H10.5M-10.5 -86V-81M10.5 -86V-81', '#4b4760', 0.9),
    shape('M-8 -92Q0 -106 8 -92Z', darken(stripe, 0.12)),
    circle(0, -100, 1.5, '#4b4760'),
    lit
      ? circle(
          0,
          -86.5,
          17,
          sheet.gradient('round', [
            [0, '#fff6cf', 0.95],
            [0.4, '#ffe9a6', 0.4],
            [1, '#ffe9a6', 0],
          ]),
        )
      : '',
  ].join('');
};

function beams(sheet: Sheet): string {
  const light = sheet.gradient('across', [
    [0, '#fff3c0', 0],
    [0.5, '#fff3c0', 0.62],
    [1, '#fff3c0', 0],
  ]);
  return polygon(
    [
      [-190, -112],
      [0, -87.5],
      [190, -112],
      [190, -52],
      [0, -85.5],
      [-190, -52],
    ],
    light,
  );
}
