import { darken, lighten, mix } from '../colour.ts';
import type { Sheet } from '../sheet.ts';
import { box, circle, oval, place, shape, stroke, tag } from '../svg.ts';
import { hill } from './land.ts';
import type { Landscape } from './landscape.ts';
import { clouds, sky } from './sky.ts';
import { trees } from './trees.ts';
import { weather } from './weather.ts';

/** A cosy room: a window to the scene outside, a rug, a shelf, a plant, a lamp. */
export function room(sheet: Sheet): Landscape {
  const { width, height, unit, palette } = sheet;
  const random = sheet.random.fork('room');
  const paper = mix(
    random.pick(['#d9a58a', '#8fa89a', '#c9b28a', '#93a3b8', '#b99aae']),
    '#2b2848',
    palette.dusk * 0.9,
  );
  const floor = height * 0.76;
  const wall = box(0, 0, width, floor, sheet.gradient('down', [lighten(paper, 0.12), paper]));
  const pattern = Array.from({ length: Math.ceil(width / (unit * 9)) }, (_, at) =>
    stroke(`M${at * unit * 9 + unit * 4} 0V${floor}`, lighten(paper, 0.3), unit * 2.4, { opacity: 0.18 }),
  );
  const boards = Array.from({ length: 6 }, (_, at) =>
    stroke(`M0 ${floor + ((height - floor) * at * at) / 30}H${width}`, '#6f4a35', unit * 0.3, {
      opacity: 0.5,
    }),
  );
  const ground =
    box(0, floor, width, height - floor, sheet.gradient('down', ['#a8744f', '#8a5b3f'])) +
    boards.join('') +
    box(0, floor - unit * 2, width, unit * 2.4, lighten(paper, 0.45));
  const side = sheet.lightX < width / 2 ? 1 : -1;
  const middle = width / 2;
  const furniture = [
    window_(sheet, middle, height * 0.33),
    place(shelf(sheet), middle + side * Math.min(width * 0.36, unit * 44), floor, unit * 0.48),
    place(plant(), middle - side * Math.min(width * 0.38, unit * 42), floor + unit * 5, unit * 0.42),
    place(lamp(sheet), middle + side * Math.min(width * 0.27, unit * 33), floor + unit * 3, unit * 0.4),
  ];
  const rug = rugs(sheet, middle, height * 0.9);
  return {
    behind: wall + pattern.join('') + ground + furniture.join('') + rug,
    ground: { drawn: '', topAt: () => height * 0.8 },
    standAt: () => floor + unit * 4,
  };
}

function window_(sheet: Sheet, x: number, y: number): string {
  const { unit, height, palette } = sheet;
  const [wide, tall] = [unit * 52, Math.min(unit * 50, height * 0.52)];
  const [left, top] = [x - wide / 2, y - tall / 2];
  const outside = hill(sheet, {
    name: 'outside',
    top: y + tall * 0.2,
    swing: unit * 4,
    colour: palette.hills[1],
    strokes: 20,
  });
  const nearer = hill(sheet, {
    name: 'garden',
    top: y + tall * 0.36,
    swing: unit * 3,
    colour: palette.hills[2],
    strokes: 20,
  });
  const view = [
    sky(sheet),
    clouds(sheet),
    outside.drawn,
    trees(sheet, nearer, { name: 'garden trees', count: 8, size: 0.5, colour: palette.hills[2] }),
    nearer.drawn,
    weather(sheet),
  ].join('');
  const bars = stroke(
    `M${x} ${top}V${top + tall}M${left} ${top + tall * 0.42}H${left + wide}`,
    '#f7efe0',
    unit * 1.5,
  );
  const rim = box(left, top, wide, tall, 'none', { stroke: '#f7efe0', 'stroke-width': unit * 2.6, rx: unit });
  const sill =
    box(left - unit * 3, top + tall, wide + unit * 6, unit * 3, '#fbf5e8', { rx: unit * 0.8 }) +
    box(left - unit * 3, top + tall + unit * 2, wide + unit * 6, unit, '#1d1b3a', { opacity: 0.18 });
  const cloth = mix('#e3a48d', palette.sky[0], 0.2);
  const curtain = (sign: number) => {
    const edge = x + sign * (wide / 2 + unit * 3);
    const inner = x + sign * (wide / 2 - unit * 8);
    const d = `M${edge + sign * unit * 4} ${top - unit * 4}H${inner}Q${inner + sign * unit * 1} ${top + tall * 0.6} ${edge} ${top + tall + unit * 5}L${edge + sign * unit * 5} ${top + tall + unit * 6}Z`;
    const folds = [2, 5, 8].map((at) =>
      stroke(
        `M${edge + sign * unit * (4 - at)} ${top - unit * 3}Q${edge + sign * unit * (4 - at)} ${top + tall * 0.6} ${edge + sign * unit * (4 - at * 0.35)} ${top + tall + unit * 4}`,
        darken(cloth, 0.25),
        unit * 0.6,
        { opacity: 0.45 },
      ),
    );
    return shape(d, cloth) + folds.join('');
  };
  const rod = stroke(
    `M${left - unit * 9} ${top - unit * 4}H${left + wide + unit * 9}`,
    '#7b5a45',
    unit * 1.2,
  );
  const clip = sheet.clip(`M${left} ${top}H${left + wide}V${top + tall}H${left}Z`);
  return tag('g', { 'clip-path': clip }, view) + bars + rim + sill + curtain(-1) + curtain(1) + rod;
}

function shelf(sheet: Sheet): string {
  const random = sheet.random.fork('shelf');
  const rows = [-34, -70, -106].map((y) => {
    const books: string[] = [];
    for (let x = -27; x < 24; ) {
      const [wide, tall] = [random.between(4, 7.5), random.between(17, 27)];
      const fill = random.pick(['#c9594f', '#4f7f9c', '#d9a24a', '#6f9a6a', '#8a6a9c', '#e8d8b5']);
      books.push(
        box(x, y - tall, wide - 0.7, tall, fill, { rx: 0.8 }),
        box(x, y - tall * 0.75, wide - 0.7, 2.2, lighten(fill, 0.5), { opacity: 0.7 }),
      );
      x += wide;
    }
    return books.join('') + box(-32, y, 64, 4, '#7b5036');
  });
  return [
    box(-35, -140, 70, 142, '#8f6042', { rx: 2 }),
    box(-30, -135, 60, 132, '#5f3f30'),
    ...rows,
    box(-32, -2, 64, 4, '#7b5036'),
  ].join('');
}

function plant(): string {
  const leaf = (turn: number, long: number, fill: string) =>
    shape(
      `M0 -32C${-long * 0.35} ${-32 - long * 0.5} -6 ${-32 - long} 0 ${-34 - long}C6 ${-32 - long} ${long * 0.35} ${-32 - long * 0.5} 0 -32Z`,
      fill,
      { transform: `rotate(${turn} 0 -32)` },
    );
  const leaves = [-62, -40, -20, 0, 22, 42, 64].map((turn, at) =>
    leaf(turn, 58 - Math.abs(turn) * 0.25, at % 2 ? '#5f9a62' : '#4a8256'),
  );
  return (
    leaves.join('') +
    shape('M-21 -36H21L16 0Q0 4 -16 0Z', '#cf7a55') +
    box(-23, -39, 46, 8, '#df8c66', { rx: 3 }) +
    oval(-8, -18, 3, 11, '#ffffff', { opacity: 0.25 })
  );
}

function lamp(sheet: Sheet): string {
  const glow = sheet.gradient('round', [
    [0, '#ffe9b0', 0.75],
    [0.4, '#ffdf95', 0.28],
    [1, '#ffdf95', 0],
  ]);
  return (
    circle(0, -128, 92, glow) +
    stroke('M0 0V-112', '#6b4c39', 4) +
    oval(0, 0, 20, 5, '#5a3f33') +
    shape('M-28 -106L-16 -148H16L28 -106Q0 -100 -28 -106Z', '#fbe2a8')
  );
}

function rugs(sheet: Sheet, x: number, y: number): string {
  const { unit } = sheet;
  const colour = sheet.random.fork('rug').pick(['#b5564c', '#4f7a8c', '#7a6aa0', '#c98a4a']);
  const ring = (share: number, fill: string) => oval(x, y, unit * 46 * share, unit * 10 * share, fill);
  return (
    oval(x, y + unit * 0.8, unit * 46.5, unit * 10.2, '#1d1b3a', { opacity: 0.25 }) +
    ring(1, colour) +
    ring(0.88, lighten(colour, 0.55)) +
    ring(0.82, colour) +
    ring(0.5, lighten(colour, 0.3))
  );
}
