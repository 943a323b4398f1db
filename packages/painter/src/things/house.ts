import { darken, lighten, mix, SHADOW } from '../colour.ts';
import { LAMP } from '../palette.ts';
import { box, circle, oval, place, shape, stroke } from '../svg.ts';
import type { DrawThing } from './thing.ts';

/** A cottage with smoke from its chimney and, in the dark, light in its windows. */
export const house: DrawThing = (canvas, colour) => {
  const { palette, scene } = canvas;
  const random = canvas.random.fork('house');
  const wall =
    colour ?? mix(random.pick(['#f3e3c6', '#f6efe2', '#e9c9a8']), palette.hills[2], palette.dimmed * 0.6);
  const tiles = colour ? darken(colour, 0.35) : random.pick(['#c4604a', '#8c5a6b', '#5f7f97', '#a9683f']);
  const lit = palette.time === 'night' || palette.time === 'dusk' || scene.weather !== 'clear';
  const glass = lit ? LAMP : '#a9cfdd';
  const glow = canvas.gradient('round', [
    [0, LAMP, 0.55],
    [1, LAMP, 0],
  ]);
  const pane =
    box(-5, -5, 10, 12, '#fdf6e6', 1) + box(-4, -4, 8, 10, glass) + stroke('M0 -4V6M-4 1H4', '#fdf6e6', 1);
  return [
    lit ? oval(0, -18, 92, 62, glow) : '',
    ...[0, 1, 2, 3].map((at) =>
      circle(25 + at * 3, -74 - at * 9, 3.4 + at * 1.5, '#f3efe8', 0.55 - at * 0.12),
    ),
    box(20, -68, 9, 22, darken(tiles, 0.2)),
    shape('M-34 2L-33 -34H33L34 2Z', canvas.gradient('down', [wall, darken(wall, 0.13)])),
    shape('M8 -34H33L34 2H14Z', SHADOW, 0.08),
    shape('M-41 -31L-19 -62Q-17 -64 -14 -64H20Q23 -64 24 -62L41 -31Q0 -28 -41 -31Z', tiles),
    stroke('M-34 -40Q0 -37 34 -40M-28 -48Q0 -45 28 -48M-23 -56Q0 -53 23 -56', darken(tiles, 0.3), 0.9, 0.5),
    scene.weather === 'snow'
      ? shape(
          'M-43 -30L-20 -64Q-17 -67 -14 -67H20Q24 -67 26 -63L43 -30Q33 -24 22 -33Q14 -27 6 -33Q-2 -28 -10 -33Q-18 -27 -25 -33Q-33 -26 -43 -30Z',
          '#f8fafc',
        )
      : '',
    shape('M-8 2V-18Q0 -27 8 -18V2Z', darken(tiles, 0.28)) + circle(4.6, -9, 1.1, '#f0c96a'),
    place(pane, -20, -18) + place(pane, 21, -18),
    circle(0, -44, 5.2, '#fdf6e6') + circle(0, -44, 4, lighten(glass, 0.1)),
  ].join('');
};
