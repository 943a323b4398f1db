import { darken, lighten, SHADOW } from '../colour.ts';
import { box, circle, shape, stroke } from '../svg.ts';
import type { DrawThing } from './thing.ts';

/** A striped tower on a rock; its beam is lit in the dark and in bad weather. */
export const lighthouse: DrawThing = (canvas, colour) => {
  const stripe = colour ?? '#cf5248';
  const { palette, scene } = canvas;
  const lit = palette.time === 'night' || palette.time === 'dusk' || scene.weather !== 'clear';
  const beam = canvas.gradient('across', [
    [0, '#fff3c0', 0],
    [0.5, '#fff3c0', 0.62],
    [1, '#fff3c0', 0],
  ]);
  const lamp = canvas.gradient('round', [
    [0, '#fff6cf', 0.95],
    [1, '#ffe9a6', 0],
  ]);
  return [
    shape('M-34 4Q-30 -8 -17 -9Q-6 -15 6 -10Q22 -11 27 -3Q36 0 36 6Z', darken(palette.hills[2], 0.3)),
    shape('M-28 2Q-22 -6 -12 -6Q0 -11 9 -7Q18 -7 22 1Z', lighten(palette.hills[2], 0.05)),
    lit ? shape('M-190 -112L0 -87.5L190 -112V-52L0 -85.5L-190 -52Z', beam) : '',
    shape('M-12 0L-7.5 -78H7.5L12 0Z', '#fbf5ea'),
    shape('M-8.2 -66H8.2L9 -53H-9ZM-9.7 -40H9.7L10.5 -27H-10.5ZM-11.2 -14H11.2L12 -1H-12Z', stripe),
    shape('M2 -78H7.5L12 0H4Z', SHADOW, 0.2),
    box(-2, -50, 4, 6.5, '#5d5870', 2) + shape('M-3.5 0V-8Q0 -12 3.5 -8V0Z', '#6b4a3a'),
    box(-11, -81, 22, 3.4, '#4b4760', 1) + box(-6, -92, 12, 11, lit ? '#ffe9a6' : '#cfe3ea'),
    stroke('M-2 -92V-81M2 -92V-81M-10.5 -86H10.5M-10.5 -86V-81M10.5 -86V-81', '#4b4760', 0.9),
    shape('M-8 -92Q0 -106 8 -92Z', darken(stripe, 0.12)) + circle(0, -100, 1.5, '#4b4760'),
    lit ? circle(0, -86.5, 17, lamp) : '',
  ].join('');
};
