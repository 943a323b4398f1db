import { darken, lighten, mix } from './colour.ts';
import type { Random } from './random.ts';
import type { Time, Wish } from './wish.ts';

/** The colours of one image. */
export interface Palette {
  time: Time;
  /** From the zenith to the horizon. */
  sky: [string, string, string];
  /** Of the sun or the moon, and of what they light. */
  light: string;
  cloud: string;
  /** From the farthest hill to the nearest. */
  hills: [string, string, string, string];
  water: [string, string];
  /** Of lamps and windows. */
  lamp: string;
  /** How dark it is, 0..1; it dims what stands in the scene. */
  dusk: number;
}

type Base = Omit<Palette, 'time' | 'lamp'>;

const BASES: Record<Time, Base[]> = {
  dawn: [
    {
      sky: ['#8fb4d9', '#f4c6bf', '#fde6c4'],
      light: '#ffe9b8',
      cloud: '#fbe4dc',
      hills: ['#c2b3d3', '#99a9c7', '#7faea3', '#5d9177'],
      water: ['#c9d2df', '#7da9b8'],
      dusk: 0.05,
    },
    {
      sky: ['#a7a3d6', '#f3b8b5', '#ffe0b5'],
      light: '#fff0c9',
      cloud: '#ffe8e0',
      hills: ['#d6b5c8', '#a8a3c4', '#8aa79a', '#6b8f68'],
      water: ['#e6c3c0', '#8f9fc0'],
      dusk: 0.05,
    },
  ],
  day: [
    {
      sky: ['#5fb0d8', '#a5d9e6', '#f2f1d7'],
      light: '#fff3c0',
      cloud: '#fdfaf0',
      hills: ['#a9d1c6', '#88c09a', '#69a96c', '#4c8e58'],
      water: ['#9fd6dc', '#3f95ad'],
      dusk: 0,
    },
    {
      sky: ['#79c3c9', '#c2e5d8', '#fbf3cf'],
      light: '#fff0b0',
      cloud: '#fffaf0',
      hills: ['#bfd9b5', '#9ccb8d', '#79b06c', '#5a9459'],
      water: ['#b5e0d5', '#4aa3a4'],
      dusk: 0,
    },
  ],
  golden: [
    {
      sky: ['#e99a6b', '#f8c584', '#fdeab9'],
      light: '#fff2c4',
      cloud: '#fde3bd',
      hills: ['#dcae7f', '#c29159', '#98894a', '#6f7a40'],
      water: ['#f5cf92', '#b98a63'],
      dusk: 0.06,
    },
    {
      sky: ['#6fb0b3', '#f3d9a0', '#fbe8bb'],
      light: '#ffeeb5',
      cloud: '#fff0d6',
      hills: ['#d8b98a', '#cb9a5c', '#a9883f', '#7b7a3c'],
      water: ['#e9d3a2', '#6d9c97'],
      dusk: 0.04,
    },
  ],
  dusk: [
    {
      sky: ['#453f7a', '#b8617f', '#fbb06f'],
      light: '#ffd796',
      cloud: '#e88f86',
      hills: ['#93608c', '#6a4d7f', '#4d416e', '#353659'],
      water: ['#e58f78', '#5c4b80'],
      dusk: 0.22,
    },
    {
      sky: ['#2f5078', '#c97b86', '#ffcf94'],
      light: '#ffe0a6',
      cloud: '#f0a896',
      hills: ['#87708f', '#5f6485', '#41546f', '#2d4257'],
      water: ['#e8a58b', '#44638a'],
      dusk: 0.2,
    },
  ],
  night: [
    {
      sky: ['#121d44', '#23407a', '#5d86ad'],
      light: '#fdf1c8',
      cloud: '#4f6d9c',
      hills: ['#4d7199', '#3a5c89', '#2c4a74', '#22395c'],
      water: ['#5079a4', '#1c3563'],
      dusk: 0.3,
    },
    {
      sky: ['#1d1743', '#43347d', '#8a6aa3'],
      light: '#fff0d2',
      cloud: '#5b4a8c',
      hills: ['#6f63a3', '#53508f', '#3f4479', '#30365f'],
      water: ['#7a66a8', '#2a2a60'],
      dusk: 0.3,
    },
  ],
};

const GREY: Base = {
  sky: ['#66859c', '#90a9b5', '#cdd8d4'],
  light: '#e8ecdf',
  cloud: '#dfe6e4',
  hills: ['#93aaa8', '#70918b', '#527a6d', '#3d6355'],
  water: ['#a8bdc2', '#4d7484'],
  dusk: 0.08,
};

/** Chooses the colours that a wish asks for. */
export function choosePalette(wish: Wish, random: Random): Palette {
  const time = wish.time ?? random.pick(['dawn', 'day', 'day', 'golden', 'dusk'] as const);
  const wet = wish.weather === 'rain' || wish.weather === 'fog';
  const base = wet && (wish.time === null || wish.time === 'day') ? GREY : random.pick(BASES[time]);
  const seasoned = inSeason(base, wish);
  const stormy = wish.weather === 'storm' ? overcast(seasoned) : seasoned;
  return { ...toned(stormy, wish.mood), time, lamp: '#ffd98a' };
}

function inSeason(base: Base, wish: Wish): Base {
  const { hills } = base;
  if (wish.weather === 'snow')
    return {
      ...base,
      hills: repaint(hills, ['#d5e2ee', '#d9e6f0', '#e8f0f6', '#fafcfd'], 0.88 - base.dusk * 1.2),
    };
  if (wish.setting === 'desert')
    return { ...base, hills: repaint(hills, ['#e3b58c', '#dba06c', '#d98f55', '#e8b26f'], 0.8 - base.dusk) };
  if (wish.season === 'autumn')
    return { ...base, hills: repaint(hills, ['#d9b08a', '#d18f52', '#c27a3c', '#9a6b36'], 0.6) };
  if (wish.season === 'spring')
    return { ...base, hills: repaint(hills, ['#cfe0b8', '#b5d795', '#93c578', '#74ac62'], 0.5 - base.dusk) };
  return base;
}

function overcast(base: Base): Base {
  const [top, middle, low] = base.sky;
  return {
    ...base,
    sky: [darken(top, 0.5), mix(middle, '#55637d', 0.6), mix(low, '#8f9aa5', 0.5)],
    cloud: '#59657d',
    water: [mix(base.water[0], '#6b8496', 0.6), darken(base.water[1], 0.35)],
    dusk: Math.max(base.dusk, 0.18),
  };
}

function toned(base: Base, mood: string | null): Base {
  if (!mood) return base;
  const tint = (colours: string[], share: number) => colours.map((colour) => mix(colour, mood, share));
  return {
    ...base,
    sky: tint(base.sky, 0.38) as Base['sky'],
    hills: tint(base.hills, 0.3) as Base['hills'],
    water: tint(base.water, 0.25) as Base['water'],
    cloud: mix(base.cloud, lighten(mood, 0.6), 0.4),
  };
}

function repaint(hills: Base['hills'], colours: string[], share: number): Base['hills'] {
  return hills.map((hill, index) => mix(hill, colours[index]!, share)) as Base['hills'];
}
