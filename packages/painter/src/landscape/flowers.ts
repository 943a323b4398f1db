import type { Canvas } from '../canvas.ts';
import { darken, lighten, mix } from '../colour.ts';
import type { Random } from '../random.ts';
import { circle, place, shape, stroke } from '../svg.ts';
import type { Land } from './hill.ts';

const PETALS = ['#f6f1e4', '#f3b8c4', '#f2c14e', '#e2725b', '#b79ad8', '#8fb8e8'];

/** Grass and flowers on the ground, between two shares of its height; the nearer, the larger. */
export function flowers(canvas: Canvas, land: Land, name: string, from: number, to: number): string {
  const { width, height, unit, palette, scene } = canvas;
  if (scene.weather === 'snow') return '';
  const random = canvas.random.fork(name);
  const count = Math.round((scene.flowers ? 85 : 34) * Math.min(1.6, width / height + 0.3));
  const kinds = [random.pick(PETALS), random.pick(PETALS), random.pick(PETALS)];
  return Array.from({ length: count }, (_, at) => {
    const share = from + (to - from) * (at / count);
    const x = random.between(0, width);
    const y = land.topAt(x) + share * (height - land.topAt(x));
    const size = unit * (0.16 + share * 0.25) * random.between(0.7, 1.2);
    const petal = mix(random.pick(kinds), palette.hills[2], palette.dimmed * 0.8);
    const plant = random.chance(scene.flowers ? 0.68 : 0.24)
      ? flower(random, petal)
      : grass(random, palette.hills[3]);
    return place(plant, x, y, size);
  }).join('');
}

/** About 14 tall. */
function grass(random: Random, colour: string): string {
  return [-6, -3, 0, 3, 6]
    .map((lean) => {
      const tone = random.chance(0.5) ? lighten(colour, 0.28) : darken(colour, 0.2);
      return stroke(
        `M${lean * 0.3} 0Q${lean * 0.4} -7 ${lean * 1.3} ${-random.between(8, 15)}`,
        tone,
        1.5,
        0.9,
      );
    })
    .join('');
}

/** About 20 tall: a daisy or a tulip. */
function flower(random: Random, petal: string): string {
  const tall = random.between(13, 22);
  const stem = stroke(`M0 0Q${random.between(-3, 3)} ${-tall / 2} 0 ${-tall}`, '#4f7d4c', 1.3);
  const petals = [0, 60, 120, 180, 240, 300].map((turn, at) =>
    place(
      shape('M0 0C-4 -3 -2 -8 0 -8C2 -8 4 -3 0 0Z', at % 2 ? petal : lighten(petal, 0.18)),
      0,
      -tall,
      1,
      turn,
    ),
  );
  return random.chance(0.55)
    ? stem + petals.join('') + circle(0, -tall, 2.1, '#f0b93d')
    : stem + place(shape('M-4 -7Q-5 0 0 1Q5 0 4 -7L2 -4.4L0 -8L-2 -4.4Z', petal), 0, -tall);
}
