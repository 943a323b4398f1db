import type { Palette } from './palette.ts';
import type { Random } from './random.ts';
import { gradient } from './svg.ts';
import type { Wish } from './wish.ts';

/** What the parts of an image share while it is made. */
export interface Sheet {
  width: number;
  height: number;
  /** The unit of length: a hundredth of the shorter side. */
  unit: number;
  /** Where the sky ends. */
  horizon: number;
  /** Where the sun or the moon stands, from the left. */
  lightX: number;
  palette: Palette;
  wish: Wish;
  random: Random;
  /** Makes a gradient and gives the fill that uses it. */
  gradient(kind: Parameters<typeof gradient>[1], stops: Parameters<typeof gradient>[2]): string;
  /** Keeps content inside an outline; gives the attribute's value. */
  clip(outline: string): string;
  definitions(): string;
}

export function createSheet(about: Pick<Sheet, 'width' | 'height' | 'palette' | 'wish' | 'random'>): Sheet {
  const definitions: string[] = [];
  const define = (definition: string) => void definitions.push(definition);
  const aside = about.random.fork('light');
  const nextId = () => `d${definitions.length}`;
  return {
    ...about,
    unit: Math.min(about.width, about.height) / 100,
    horizon: about.height * about.random.fork('horizon').between(0.54, 0.62),
    lightX: about.width * (aside.chance(0.5) ? aside.between(0.16, 0.3) : aside.between(0.7, 0.84)),
    gradient: (kind, stops) => {
      const made = gradient(nextId(), kind, stops);
      define(made.definition);
      return made.fill;
    },
    clip: (outline) => {
      const id = nextId();
      define(`<clipPath id="${id}"><path d="${outline}"/></clipPath>`);
      return `url(#${id})`;
    },
    definitions: () => `<defs>${definitions.join('')}</defs>`,
  };
}
