import type { Canvas } from '../canvas.ts';
import { mix } from '../colour.ts';
import type { Setting } from '../scene.ts';
import { city } from './city.ts';
import { hill, type Land } from './hill.ts';
import type { Landscape } from './landscape.ts';
import { mountains } from './mountains.ts';
import { sea } from './sea.ts';
import { trees } from './trees.ts';

/** Draws the landscape of a setting; a thing will stand at `thingX`. */
export function landscape(canvas: Canvas, setting: Setting, thingX: number): Landscape {
  if (setting === 'sea') return sea(canvas, thingX);
  const { height, horizon, unit, palette, random } = canvas;
  const far = hill(canvas, 'far', horizon + unit * 4, unit * 5, palette.hills[1]);
  const middle = hill(canvas, 'middle', horizon + (height - horizon) * 0.32, unit * 4, palette.hills[2]);
  const ground = hill(canvas, 'near', height * 0.8, unit * 2.6, palette.hills[3]);
  const range = (name: string, tall: number, share: number) => {
    const colour = mix(palette.hills[0], palette.sky[1], share);
    return mountains(canvas, name, horizon + unit * 20, Math.min(height * 0.5, unit * tall), colour);
  };
  const tree = (land: Land, name: string, count: number, size: number, clear?: number) =>
    trees(canvas, land, name, count, size, clear);

  switch (setting) {
    case 'city':
      return { behind: city(canvas), ground, standAt: (x) => ground.topAt(x) + unit * 3 };
    case 'mountains': {
      const peaks = range('far range', 70, 0.45) + range('range', 52, 0.15);
      return {
        behind: peaks + middle.drawn + tree(middle, 'trees', 18, 0.5, 0.3),
        ground,
        standAt: middle.topAt,
      };
    }
    case 'forest': {
      const rows = [
        far.drawn + tree(far, 'row 1', 26, 0.55) + tree(far, 'row 2', 20, 0.72),
        middle.drawn + tree(middle, 'row 3', 12, 1, 0.32) + tree(middle, 'row 4', 9, 1.3, 0.56),
      ];
      return { behind: rows.join(''), ground, standAt: middle.topAt };
    }
    case 'hills': {
      const peaks = random.fork('ridge').chance(0.5) ? range('ridge', 34, 0.35) : '';
      const near = middle.drawn + tree(middle, 'trees', 7, 0.5, 0.4);
      return {
        behind: peaks + far.drawn + tree(far, 'far trees', 10, 0.26) + near,
        ground,
        standAt: middle.topAt,
      };
    }
  }
}
