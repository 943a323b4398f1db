import { darken, mix } from './colour.ts';
import type { Random } from './random.ts';
import type { Scene, Time } from './scene.ts';

/** The colours of one image. */
export interface Palette {
  time: Time;
  /** From the zenith to the horizon. */
  sky: [string, string, string];
  /** From the farthest hill to the nearest. */
  hills: [string, string, string, string];
  /** From the horizon to the shore. */
  water: [string, string];
  /** Of the sun or the moon, and of what they light. */
  light: string;
  cloud: string;
  /** How much the dark dims what stands in the scene, 0 to 1. */
  dimmed: number;
}

/** Sky, hills, water, light and cloud, in the order of `Palette`. */
const BASES: Record<Time | 'rain', string[]> = {
  dawn: [
    '#8fb4d9 #f4c6bf #fde6c4 #c2b3d3 #99a9c7 #7faea3 #5d9177 #c9d2df #7da9b8 #ffe9b8 #fbe4dc',
    '#a7a3d6 #f3b8b5 #ffe0b5 #d6b5c8 #a8a3c4 #8aa79a #6b8f68 #e6c3c0 #8f9fc0 #fff0c9 #ffe8e0',
  ],
  day: [
    '#5fb0d8 #a5d9e6 #f2f1d7 #a9d1c6 #88c09a #69a96c #4c8e58 #9fd6dc #3f95ad #fff3c0 #fdfaf0',
    '#79c3c9 #c2e5d8 #fbf3cf #bfd9b5 #9ccb8d #79b06c #5a9459 #b5e0d5 #4aa3a4 #fff0b0 #fffaf0',
  ],
  dusk: [
    '#453f7a #b8617f #fbb06f #93608c #6a4d7f #4d416e #353659 #e58f78 #5c4b80 #ffd796 #e88f86',
    '#2f5078 #c97b86 #ffcf94 #87708f #5f6485 #41546f #2d4257 #e8a58b #44638a #ffe0a6 #f0a896',
  ],
  night: [
    '#121d44 #23407a #5d86ad #4d7199 #3a5c89 #2c4a74 #22395c #5079a4 #1c3563 #fdf1c8 #4f6d9c',
    '#1d1743 #43347d #8a6aa3 #6f63a3 #53508f #3f4479 #30365f #7a66a8 #2a2a60 #fff0d2 #5b4a8c',
  ],
  rain: ['#66859c #90a9b5 #cdd8d4 #93aaa8 #70918b #527a6d #3d6355 #a8bdc2 #4d7484 #e8ecdf #dfe6e4'],
};
const DIMMED: Record<Time, number> = { dawn: 0.05, day: 0, dusk: 0.2, night: 0.3 };
const SNOW = ['#d5e2ee', '#d9e6f0', '#e8f0f6', '#fafcfd'];
const AUTUMN = ['#d9b08a', '#d18f52', '#c27a3c', '#9a6b36'];

/** The colour of lamps and lit windows. */
export const LAMP = '#ffd98a';

export function choosePalette(scene: Scene, random: Random): Palette {
  const time = scene.time ?? random.pick(['dawn', 'day', 'day', 'dusk'] as const);
  const rainy = scene.weather === 'rain';
  const base = random.pick(BASES[rainy && time === 'day' ? 'rain' : time]).split(' ');
  const dimmed = DIMMED[time];
  const ground = scene.weather === 'snow' ? SNOW : scene.autumn ? AUTUMN : null;
  const share = scene.weather === 'snow' ? 0.88 - dimmed * 1.2 : 0.6 - dimmed;
  const hills = base.slice(3, 7).map((hill, at) => (ground ? mix(hill, ground[at]!, share) : hill));
  return {
    time,
    sky: base.slice(0, 3).map((colour) => (rainy ? darken(colour, 0.12) : colour)) as Palette['sky'],
    hills: hills as Palette['hills'],
    water: base.slice(7, 9) as Palette['water'],
    light: base[9]!,
    cloud: base[10]!,
    dimmed,
  };
}
