import { darken, lighten, mix } from '../colour.ts';
import { box, circle, oval, polygon, shape, stroke } from '../svg.ts';
import type { DrawThing } from './thing.ts';

/** A cottage with smoke from its chimney and light in its windows. */
export const house: DrawThing = (sheet, colour) => {
  const { palette, wish } = sheet;
  const random = sheet.random.fork('house');
  const wall =
    colour ??
    mix(random.pick(['#f3e3c6', '#f6efe2', '#e9c9a8', '#dfe5dc']), palette.hills[2], palette.dusk * 0.6);
  const tiles = colour ? darken(colour, 0.35) : random.pick(['#c4604a', '#8c5a6b', '#5f7f97', '#a9683f']);
  const lit = palette.time === 'night' || palette.time === 'dusk' || wish.weather !== 'clear';
  const glass = lit ? palette.lamp : '#a9cfdd';
  const snow = wish.weather === 'snow';
  const smoke = [0, 1, 2, 3, 4].map((at) =>
    circle(25 + at * at * 1.5 + at, -72 - at * 9, 3.4 + at * 1.5, '#f3efe8', { opacity: 0.6 - at * 0.11 }),
  );
  const warmth = sheet.gradient('round', [
    [0, '#ffdf9a', 0.55],
    [0.5, '#ffca7a', 0.18],
    [1, '#ffca7a', 0],
  ]);
  return [
    lit ? oval(0, -18, 92, 62, warmth) : '',
    ...smoke,
    box(20, -68, 9, 22, darken(tiles, 0.2)) + box(18.5, -69, 12, 3.4, darken(tiles, 0.35)),
    shape('M-34 2L-33 -34H33L34 2Z', sheet.gradient('down', [wall, darken(wall, 0.13)])),
    polygon(
      [
        [8, -34],
        [33, -34],
        [34, 2],
        [14, 2],
      ],
      '#1d1b3a',
      { opacity: 0.08 },
    ),
    shape(
      'M-41 -31L-19 -62Q-17 -64 -14 -64H20Q23 -64 24 -62L41 -31Q0 -28 -41 -31Z',
      sheet.gradient('down', [lighten(tiles, 0.12), tiles]),
    ),
    ...[0, 1, 2].map((row) =>
      stroke(
        `M${-36 + row * 6} ${-39 - row * 8}Q0 ${-36 - row * 8} ${36 - row * 6} ${-39 - row * 8}`,
        darken(tiles, 0.3),
        0.9,
        { opacity: 0.45, 'stroke-dasharray': '6 3.5' },
      ),
    ),
    snow
      ? shape(
          'M-43 -30L-20 -64Q-17 -67 -14 -67H20Q24 -67 26 -63L43 -30Q36 -26 33 -32Q28 -26 22 -33Q14 -27 6 -33Q-2 -28 -10 -33Q-18 -27 -25 -33Q-33 -26 -43 -30Z',
          '#f8fafc',
          { opacity: 0.95 },
        )
      : '',
    shape('M-8 2V-18Q0 -27 8 -18V2Z', darken(tiles, 0.28)) + circle(4.6, -9, 1.1, '#f0c96a'),
    ...[-24, 16].map((x) => paned(x, glass, lit)),
    oval(0, -44, 4.5, 4.5, glass, { stroke: '#fdf6e6', 'stroke-width': 1.4 }),
    ...[-29, -20, 17, 26].map(
      (x) =>
        circle(x, -5.5, 3.6, mix('#6f9a58', palette.hills[3], 0.4)) +
        circle(x + 1, -7, 1, '#f3a9b8') +
        circle(x - 1.4, -5.6, 0.9, '#f7d774'),
    ),
  ].join('');
};

function paned(x: number, glass: string, lit: boolean): string {
  const halo = lit ? box(x - 3.5, -27.5, 15, 17, glass, { opacity: 0.28, rx: 4 }) : '';
  return (
    halo +
    box(x - 1, -25, 10, 12, '#fdf6e6', { rx: 1 }) +
    box(x, -24, 8, 10, glass) +
    stroke(`M${x + 4} -24V-14M${x} -19H${x + 8}`, '#fdf6e6', 1)
  );
}
