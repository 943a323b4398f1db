import type { Canvas } from '../canvas.ts';
import { darken, lighten, mix, SHADOW } from '../colour.ts';
import type { Random } from '../random.ts';
import { box, circle, oval, place, shape } from '../svg.ts';
import type { Land } from './hill.ts';

/** Trees along a hill, none of them within the middle share `clear`. Pines in snow, mountains and forests. */
export function trees(
  canvas: Canvas,
  land: Land,
  name: string,
  count: number,
  size: number,
  clear = 0,
): string {
  const { width, unit, scene, palette } = canvas;
  const random = canvas.random.fork(name);
  const snowy = scene.weather === 'snow';
  const pines = snowy || scene.setting === 'mountains' || (scene.setting === 'forest' && !scene.autumn);
  const green = mix(palette.hills[1], palette.hills[2], Math.min(1, size));
  const spots = Array.from({ length: count }, (_, at) => (at + random.between(0.1, 0.9)) / count);
  return spots
    .filter((share) => Math.abs(share - 0.5) > clear / 2)
    .map((share) => {
      const [x, own] = [share * width, size * random.between(0.7, 1.25)];
      const y = land.topAt(x) + random.between(0.5, 3.5) * unit;
      const leaves = scene.autumn
        ? mix(
            random.pick(['#d9713c', '#e39a3b', '#c4533a', '#edbb55']),
            palette.hills[2],
            0.2 + palette.dimmed,
          )
        : mix(green, '#8aa84a', random.between(0, 0.25));
      const tree = pines && random.chance(0.85) ? pine(darken(green, 0.1), snowy) : leafy(random, leaves);
      return oval(x, y, own * unit * 9, own * unit * 1.5, SHADOW, 0.16) + place(tree, x, y, own * unit * 0.5);
    })
    .join('');
}

/** About 60 tall, its foot at the origin. */
function pine(colour: string, snowy: boolean): string {
  const tiers = [0, 1, 2, 3].map((tier) => {
    const [y, half, tall] = [-8 - tier * 12, 17 - tier * 3.6, 22 - tier * 1.5];
    const side = `${y - tall * 0.45} 0 ${y - tall}`;
    return (
      shape(
        `M${-half} ${y}Q${-half * 0.4} ${side}Q${half * 0.4} ${y - tall * 0.45} ${half} ${y}Q0 ${y + 5} ${-half} ${y}Z`,
        lighten(colour, tier * 0.06),
      ) +
      shape(
        `M0 ${y - tall}Q${half * 0.4} ${y - tall * 0.45} ${half} ${y}Q${half / 2} ${y + 4} 2 ${y + 2}Z`,
        SHADOW,
        0.14,
      ) +
      (snowy
        ? shape(
            `M${-half * 0.6} ${y - tall * 0.32}Q${-half * 0.25} ${side}Q${half * 0.25} ${y - tall * 0.6} ${half * 0.5} ${y - tall * 0.36}Q0 ${y - tall * 0.2} ${-half * 0.6} ${y - tall * 0.32}Z`,
            '#f7f9fb',
          )
        : '')
    );
  });
  return box(-2.2, -10, 4.4, 10.5, '#5f4538') + tiers.join('');
}

/** About 55 tall, its foot at the origin. */
function leafy(random: Random, colour: string): string {
  const around = (count: number, reach: number, draw: (x: number, y: number) => string) =>
    Array.from({ length: count }, (_, at) => {
      const [turn, r] = [(at / count) * Math.PI * 2, reach * random.between(0.7, 1.1)];
      return draw(Math.cos(turn) * r, -36 + Math.sin(turn) * r);
    }).join('');
  const light = lighten(colour, 0.3);
  return [
    shape('M-3.4 1Q-1.5 -12 -3 -26L3 -26Q1.5 -12 3.8 1Z', '#755240'),
    circle(0, -36, 15, colour) + around(9, 11, (x, y) => circle(x, y, random.between(7, 9.5), colour)),
    oval(6, -28, 14, 12, darken(colour, 0.3), 0.3),
    around(12, 10, (x, y) => oval(x - 3, y - 4, random.between(2, 4.5), random.between(1.5, 3), light, 0.5)),
  ].join('');
}
