import type { Sheet } from '../sheet.ts';
import { place, stroke } from '../svg.ts';

/** A few birds far off, as two strokes each. */
export function farBirds(sheet: Sheet, count: number): string {
  const { width, horizon, unit, palette } = sheet;
  const random = sheet.random.fork('birds');
  const [x, y] = [width * random.between(0.3, 0.65), horizon * random.between(0.25, 0.5)];
  const colour = palette.time === 'night' ? '#dfe6f2' : '#46455c';
  return Array.from({ length: count }, () => {
    const flap = random.between(3, 6);
    const bird = stroke(`M-8 ${-flap}Q-3 ${-flap - 2} 0 0Q3 ${-flap - 2} 8 ${-flap}`, colour, 1.7);
    return place(
      bird,
      x + random.between(-13, 13) * unit,
      y + random.between(-6, 6) * unit,
      unit * random.between(0.14, 0.26),
      { turn: random.between(-12, 12) },
    );
  }).join('');
}
