import { darken, lighten, mix } from '../colour.ts';
import type { Random } from '../random.ts';
import type { Sheet } from '../sheet.ts';
import { circle, oval, place, shape, stroke } from '../svg.ts';
import type { Land } from './land.ts';

const PETALS = ['#f6f1e4', '#f3b8c4', '#f2c14e', '#e2725b', '#b79ad8', '#8fb8e8'];

/** Tufts of grass, and flowers where they are wanted; those in front are larger. */
export function flora(
  sheet: Sheet,
  land: Land,
  options: { name: string; from: number; to: number; size?: number },
): string {
  const { width, height, unit, palette, wish } = sheet;
  const random = sheet.random.fork(options.name);
  const bare = wish.setting === 'desert' || wish.setting === 'space' || wish.weather === 'snow';
  if (bare) return pebbles(sheet, land, random);
  const rich = wish.flowers || wish.setting === 'meadow';
  const count = Math.round((rich ? 85 : 34) * Math.min(1.6, width / height + 0.3));
  const kinds = [random.pick(PETALS), random.pick(PETALS), random.pick(PETALS)];
  return Array.from({ length: count }, (_, at) => {
    const share = options.from + (options.to - options.from) * ((at + random.between(0, 1)) / count);
    const x = random.between(0, width);
    const y = land.topAt(x) + share * (height - land.topAt(x));
    const size = unit * (0.16 + share * 0.2) * random.between(0.7, 1.2) * (options.size ?? 1);
    const plant = random.chance(rich ? 0.68 : 0.24)
      ? flower(random, mix(random.pick(kinds), palette.hills[2], palette.dusk * 0.8))
      : tuft(random, palette.hills[3]);
    return place(plant, x, y, size, { flip: random.chance(0.5) });
  }).join('');
}

/** About 14 tall. */
function tuft(random: Random, colour: string): string {
  return [-6, -3, 0, 3, 6]
    .map((lean) => {
      const tone = random.chance(0.5) ? lighten(colour, 0.28) : darken(colour, 0.2);
      return stroke(`M${lean * 0.3} 0Q${lean * 0.4} -7 ${lean * 1.3} ${-random.between(8, 15)}`, tone, 1.5, {
        opacity: 0.9,
      });
    })
    .join('');
}

/** About 20 tall; daisies, tulips and bells. */
function flower(random: Random, petal: string): string {
  const tall = random.between(13, 22);
  const stem =
    stroke(`M0 0Q${random.between(-3, 3)} ${-tall / 2} 0 ${-tall}`, '#4f7d4c', 1.3) +
    oval(3, -tall * 0.38, 3.6, 1.3, '#5f9157', { transform: `rotate(-32 3 ${-tall * 0.38})` });
  if (random.chance(0.55)) {
    const petals = Array.from({ length: 6 }, (_, at) =>
      oval(0, -tall - 3.6, 2, 3.8, at % 2 ? petal : lighten(petal, 0.18), {
        transform: `rotate(${at * 60} 0 ${-tall})`,
      }),
    );
    return stem + petals.join('') + circle(0, -tall, 2.1, '#f0b93d');
  }
  const cup = `M-4 ${-tall - 7}Q-5 ${-tall} 0 ${-tall + 1}Q5 ${-tall} 4 ${-tall - 7}L2 ${-tall - 4.4}L0 ${-tall - 8}L-2 ${-tall - 4.4}Z`;
  return (
    stem +
    shape(cup, petal) +
    shape(
      `M0 ${-tall - 8}Q3 ${-tall - 3} 0 ${-tall + 1}Q5 ${-tall} 4 ${-tall - 7}L2 ${-tall - 4.4}Z`,
      darken(petal, 0.14),
      { opacity: 0.6 },
    )
  );
}

function pebbles(sheet: Sheet, land: Land, random: Random): string {
  const { width, height, unit, palette, wish } = sheet;
  const stone =
    wish.weather === 'snow' ? mix(palette.hills[3], '#8fa3bd', 0.35) : darken(palette.hills[3], 0.3);
  return Array.from({ length: 16 }, () => {
    const x = random.between(0, width);
    const y = land.topAt(x) + random.between(0.06, 0.95) * (height - land.topAt(x));
    const r = unit * random.between(0.4, 1.5);
    return (
      oval(x, y, r, r * 0.55, stone, { opacity: 0.5 }) +
      oval(x - r * 0.15, y - r * 0.14, r * 0.7, r * 0.34, lighten(stone, 0.35), { opacity: 0.6 })
    );
  }).join('');
}
