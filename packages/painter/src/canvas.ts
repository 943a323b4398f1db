import type { Palette } from './palette.ts';
import type { Random } from './random.ts';
import type { Scene } from './scene.ts';
import { tag } from './svg.ts';

/** What all parts of an image share while it is drawn. */
export interface Canvas {
  width: number;
  height: number;
  /** A hundredth of the shorter side. */
  unit: number;
  /** The height at which the sky ends. */
  horizon: number;
  /** Where the sun or the moon stands. */
  lightX: number;
  palette: Palette;
  scene: Scene;
  random: Random;
  /** Defines a gradient and returns the fill that uses it. Stops: colours, evenly spread, or `[share, colour, opacity]`. */
  gradient(kind: 'down' | 'across' | 'round', stops: Stop[]): string;
  /** The definitions of all gradients so far. */
  definitions(): string;
}

type Stop = string | readonly [share: number, colour: string, opacity?: number];

export function createCanvas(
  about: Pick<Canvas, 'width' | 'height' | 'palette' | 'scene' | 'random'>,
): Canvas {
  const definitions: string[] = [];
  const light = about.random.fork('light');
  return {
    ...about,
    unit: Math.min(about.width, about.height) / 100,
    horizon: about.height * about.random.fork('horizon').between(0.54, 0.62),
    lightX: about.width * (light.chance(0.5) ? light.between(0.16, 0.3) : light.between(0.7, 0.84)),
    gradient: (kind, stops) => {
      const id = `gradient${definitions.length}`;
      const inner = stops.map((stop, at) => {
        const [offset, colour, opacity] =
          typeof stop === 'string' ? ([at / (stops.length - 1), stop] as const) : stop;
        return tag('stop', { offset, 'stop-color': colour, 'stop-opacity': opacity });
      });
      const direction = { down: { x2: 0, y2: 1 }, across: { x2: 1, y2: 0 }, round: {} }[kind];
      const name = kind === 'round' ? 'radialGradient' : 'linearGradient';
      definitions.push(tag(name, { id, ...direction }, inner.join('')));
      return `url(#${id})`;
    },
    definitions: () => `<defs>${definitions.join('')}</defs>`,
  };
}
