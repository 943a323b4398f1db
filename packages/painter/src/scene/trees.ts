import { darken, lighten, mix } from '../colour.ts';
import type { Random } from '../random.ts';
import type { Sheet } from '../sheet.ts';
import { blob, box, oval, type Point, place, shape, stroke } from '../svg.ts';
import { footShadow, type Land } from './land.ts';

/** Trees along a hill: pines in the cold and the mountains, round ones elsewhere. */
export function trees(
  sheet: Sheet,
  land: Land,
  options: { name: string; count: number; size: number; colour: string; keepFree?: [number, number] },
): string {
  const { width, unit, wish } = sheet;
  const random = sheet.random.fork(options.name);
  const [from, to] = options.keepFree ?? [2, 2];
  const spots = Array.from(
    { length: options.count },
    (_, at) => (at + random.between(0.1, 0.9)) / options.count,
  )
    .filter((share) => share < from || share > to)
    .map((share) => ({
      x: share * width,
      down: random.between(0.5, 3.5) * unit,
      size: options.size * random.between(0.7, 1.25),
    }))
    .sort((a, b) => a.down - b.down);
  const pines =
    wish.setting === 'mountains' ||
    wish.weather === 'snow' ||
    (wish.setting === 'forest' && wish.season === null);
  return spots
    .map(({ x, down, size }) => {
      const y = land.topAt(x) + down;
      const tree =
        pines && random.chance(0.85)
          ? pine(random, options.colour, wish.weather === 'snow')
          : leafy(random, leafColour(sheet, random, options.colour));
      return (
        footShadow(x + size * unit * 2, y, size * unit * 9, 0.16) +
        place(tree, x, y, size * unit * 0.5, { flip: random.chance(0.5) })
      );
    })
    .join('');
}

function leafColour(sheet: Sheet, random: Random, colour: string): string {
  const dim = (leaf: string) => mix(leaf, sheet.palette.hills[2], 0.25 + sheet.palette.dusk);
  if (sheet.wish.season === 'autumn') return dim(random.pick(['#d9713c', '#e39a3b', '#c4533a', '#edbb55']));
  if (sheet.wish.season === 'spring') return dim(random.pick(['#f5b9c6', '#f8cdd5', '#efa3b6', '#a9cf86']));
  return random.chance(0.5) ? colour : mix(colour, '#8aa84a', 0.2);
}

/** About 60 tall, its foot at the origin. */
function pine(random: Random, colour: string, snowy: boolean): string {
  const dark = darken(colour, 0.18);
  const tiers = [0, 1, 2, 3].map((tier) => {
    const [y, half, tall] = [-8 - tier * 12, 17 - tier * 3.6, 22 - tier * 1.5];
    const sway = random.between(-1.2, 1.2);
    const tip = `${sway} ${y - tall}`;
    const skirt = `M${-half} ${y}Q${-half * 0.4} ${y - tall * 0.45} ${tip}Q${half * 0.4} ${y - tall * 0.45} ${half} ${y}Q${half / 2} ${y + 4} 0 ${y + 1.5}Q${-half / 2} ${y + 4} ${-half} ${y}Z`;
    const shade = `M${half} ${y}Q${half * 0.4} ${y - tall * 0.45} ${tip}Q${half * 0.2} ${y - tall * 0.3} 2 ${y + 1.8}Q${half / 2} ${y + 4} ${half} ${y}Z`;
    const snow = `M${-half * 0.62} ${y - tall * 0.32}Q${-half * 0.25} ${y - tall * 0.6} ${tip}Q${half * 0.25} ${y - tall * 0.6} ${half * 0.5} ${y - tall * 0.36}Q${half * 0.2} ${y - tall * 0.3} 0 ${y - tall * 0.42}Q${-half * 0.3} ${y - tall * 0.22} ${-half * 0.62} ${y - tall * 0.32}Z`;
    return (
      shape(skirt, mix(colour, lighten(colour, 0.2), tier / 3)) +
      shape(shade, dark, { opacity: 0.5 }) +
      (snowy ? shape(snow, '#f7f9fb', { opacity: 0.92 }) : '')
    );
  });
  return box(-2.2, -10, 4.4, 10.5, darken(mix('#5f4538', colour, 0.45), 0.25), { rx: 1.5 }) + tiers.join('');
}

/** About 55 tall, its foot at the origin. */
function leafy(random: Random, colour: string): string {
  const crown = Array.from({ length: 9 }, (_, at): Point => {
    const turn = (at / 9) * Math.PI * 2;
    const r = random.between(16, 21);
    return [Math.cos(turn) * r, -36 + Math.sin(turn) * r * 0.95];
  });
  const dabs = Array.from({ length: 12 }, () => {
    const [turn, r] = [random.between(0, 6.3), random.between(2, 15)];
    return oval(
      Math.cos(turn) * r - 3,
      -39 + Math.sin(turn) * r,
      random.between(2, 4.5),
      random.between(1.5, 3),
      lighten(colour, random.between(0.15, 0.4)),
      { opacity: 0.55 },
    );
  });
  return [
    shape('M-3.4 1Q-1.5 -12 -3 -26L3 -26Q1.5 -12 3.8 1Z', '#755240'),
    stroke('M0 -16L7 -26', '#755240', 2),
    shape(blob(crown), colour),
    oval(6, -28, 14, 12, darken(colour, 0.3), { opacity: 0.3 }),
    ...dabs,
  ].join('');
}

/** Leaves that hang into the image: one looks out of the forest. */
export function frame(sheet: Sheet): string {
  const { width, height, unit, palette } = sheet;
  const random = sheet.random.fork('frame');
  const colour = darken(palette.hills[3], 0.35);
  const side = (x: number, lean: number) => {
    const leaves = Array.from({ length: 90 }, () => {
      const reach = random.between(0, 1) ** 1.4;
      const [leafX, leafY] = [
        x + lean + random.between(-1, 1) * 24 * unit * (1 - reach * 0.5),
        reach * height * 0.3 - unit,
      ];
      const fill = mix(colour, palette.hills[2], random.between(0, 0.5));
      const turn = { transform: `rotate(${random.between(20, 160)} ${leafX} ${leafY})` };
      return oval(leafX, leafY, unit * random.between(2, 4), unit * random.between(0.8, 1.5), fill, turn);
    });
    return leaves.join('');
  };
  return side(-unit, unit * 2) + side(width + unit * 1.5, -unit * 3);
}
