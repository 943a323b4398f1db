import { darken, lighten, mix } from '../colour.ts';
import type { Sheet } from '../sheet.ts';
import { type Point, shape, smooth, stroke } from '../svg.ts';
import { hill } from './land.ts';
import type { Landscape } from './landscape.ts';
import { water } from './water.ts';

/** Open water before a shore, with a cape for what stands by the sea. */
export function sea(sheet: Sheet, thingX: number): Landscape {
  const { width, horizon, unit, palette, wish } = sheet;
  const far = hill(sheet, {
    name: 'island',
    top: horizon + unit * 2.5,
    swing: unit * 5,
    colour: mix(palette.hills[0], palette.sky[1], 0.35),
    strokes: 10,
  });
  const stands = wish.things.some((one) => /^(lighthouse|house|castle|windmill|tent)$/.test(one.kind));
  const top = horizon - unit * 1.5;
  const headland = stands ? cape(sheet, thingX, top) : '';
  const near = hill(sheet, {
    name: 'shore',
    top: sheet.height * 0.83,
    swing: unit * 2.2,
    colour: shoreColour(sheet),
  });
  const beach = hill(sheet, {
    name: 'shore',
    top: sheet.height * 0.83 - unit * 1.3,
    swing: unit * 2.2,
    colour: '#f3ecd8',
    strokes: 0,
  });
  const foam = stroke(
    smooth(
      Array.from(
        { length: 17 },
        (_, at): Point => [
          (width * at) / 16,
          beach.topAt((width * at) / 16) + (at % 2 ? unit * 0.5 : -unit * 0.5),
        ],
      ),
    ),
    '#ffffff',
    unit * 1.4,
    { opacity: 0.75 },
  );
  return {
    behind: far.drawn + water(sheet) + headland + foam + beach.drawn,
    ground: near,
    standAt: () => top,
  };
}

function shoreColour(sheet: Sheet): string {
  const { palette, wish } = sheet;
  if (wish.weather === 'snow') return palette.hills[3];
  const sandy = sheet.random.fork('shore').chance(0.5);
  return sandy ? mix('#ecd3a0', palette.hills[3], 0.15 + palette.dusk * 1.6) : palette.hills[3];
}

/** A rocky cape that reaches into the water around a point. */
function cape(sheet: Sheet, x: number, top: number): string {
  const { width, unit, palette } = sheet;
  const outward = x > width / 2 ? 1 : -1;
  const end = Math.max(36, 4 + (outward > 0 ? width - x : x) / unit);
  const middle = (14 + end) / 2;
  const rock = mix(palette.hills[2], '#8a7f80', 0.3);
  const edge: Point[] = [
    [-46, 11],
    [-38, 7.5],
    [-29, 7],
    [-22, 3.4],
    [-13, 1.6],
    [0, 0],
    [14, -1],
    [middle, -4],
    [end, -8],
  ];
  const foot: Point[] = [
    [end, 17],
    [middle, 15],
    [8, 14.5],
    [-10, 13.4],
    [-26, 13],
    [-38, 12.6],
    [-46, 11],
  ];
  const at = ([dx, dy]: Point): Point => [x + outward * dx * unit, top + dy * unit];
  const upper = smooth(edge.map(at));
  const lower = smooth(foot.map(at)).replace('M', 'L');
  const turf = `${upper}L${smooth(
    (
      [
        [end, -3],
        [middle, 1],
        [10, 4],
        [-8, 5.4],
        [-20, 7],
        [-30, 9.4],
        [-46, 11],
      ] as Point[]
    ).map(at),
  ).slice(1)}Z`;
  const cracks = [-30, -18, -6, 8, 22, 36].map((dx, n) =>
    stroke(
      smooth(
        (
          [
            [dx, 7 - n * 0.8],
            [dx + 2, 9.5],
            [dx - 1, 12.4],
          ] as Point[]
        ).map(at),
      ),
      darken(rock, 0.35),
      unit * 0.5,
      { opacity: 0.5 },
    ),
  );
  const foam = stroke(smooth(foot.map(at)), '#f6fbfb', unit * 0.9, { opacity: 0.8 });
  return [
    shape(`${upper}${lower}Z`, sheet.gradient('down', [lighten(rock, 0.12), darken(rock, 0.25)])),
    ...cracks,
    shape(turf, sheet.gradient('down', [lighten(palette.hills[2], 0.12), palette.hills[2]])),
    foam,
  ].join('');
}
