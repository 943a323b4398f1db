import { darken, lighten } from '../colour.ts';
import { oval, shape } from '../svg.ts';
import type { DrawCreature } from './creature.ts';
import { blush, eyes } from './face.ts';

export const penguin: DrawCreature = (sheet, { colour, asleep }) => {
  const coat = colour ?? '#424a66';
  const flipper = (sign: number) =>
    shape(
      `M${sign * 46} -100C${sign * 76} -84 ${sign * 84} -50 ${sign * 74} -34C${sign * 62} -36 ${sign * 52} -56 ${sign * 44} -66Z`,
      darken(coat, 0.15),
    );
  return {
    back: oval(-25, -4, 22, 9, '#ee9a45') + oval(25, -4, 22, 9, '#ee9a45'),
    body: [
      flipper(-1),
      flipper(1),
      shape(
        'M0 -126C44 -122 60 -82 54 -40C50 -14 30 -6 0 -6C-30 -6 -50 -14 -54 -40C-60 -82 -44 -122 0 -126Z',
        sheet.gradient('down', [coat, darken(coat, 0.12)]),
      ),
      shape(
        'M0 -118C30 -112 42 -78 38 -42C36 -20 20 -12 0 -12C-20 -12 -36 -20 -38 -42C-42 -78 -30 -112 0 -118Z',
        '#fdf7ea',
      ),
      shape('M10 -116C34 -104 42 -74 38 -42C36 -24 24 -14 10 -12C26 -40 26 -84 10 -116Z', '#c9cbd8', {
        opacity: 0.45,
      }),
    ].join(''),
    head: [
      shape(
        'M0 -212C40 -212 62 -188 62 -158C62 -128 38 -108 0 -108C-38 -108 -62 -128 -62 -158C-62 -188 -40 -212 0 -212Z',
        sheet.gradient('down', [lighten(coat, 0.12), coat]),
      ),
      shape(
        'M0 -170C8 -190 46 -192 48 -160C48 -132 26 -116 0 -116C-26 -116 -48 -132 -48 -160C-46 -192 -8 -190 0 -170Z',
        '#fdf7ea',
      ),
      eyes(24, -158, 8, asleep),
      blush(36, -138),
      shape('M-14 -146Q0 -156 14 -146Q8 -132 0 -130Q-8 -132 -14 -146Z', '#f0a23f'),
      shape('M-14 -146Q0 -140 14 -146Q8 -132 0 -130Q-8 -132 -14 -146Z', '#d98530', { opacity: 0.7 }),
    ].join(''),
    paw: darken(coat, 0.15),
    crownY: -209,
    headY: -160,
    headHalf: 62,
    neckHalf: 42,
  };
};
