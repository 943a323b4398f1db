import { darken, mix } from '../colour.ts';
import type { Sheet } from '../sheet.ts';
import type { Setting } from '../wish.ts';
import { city } from './city.ts';
import { sea } from './coast.ts';
import { hill, type Land, mountains } from './land.ts';
import { room } from './room.ts';
import { craters, deepSpace } from './space.ts';
import { frame, trees } from './trees.ts';

/** Where a scene takes place. */
export interface Landscape {
  /** All that is farther than the foreground. */
  behind: string;
  /** Where those in front stand. */
  ground: Land;
  /** Where things stand in the middle distance; a thing at x stands at this height. */
  standAt(x: number): number;
  /** Drawn over everything but the weather. */
  before?: string;
}

type DrawLandscape = (sheet: Sheet, thingX: number) => Landscape;

export const LANDSCAPES: Record<Setting, DrawLandscape> = {
  hills,
  meadow: hills,
  forest,
  mountains: range,
  sea,
  city: town,
  space,
  desert,
  room,
};

function hills(sheet: Sheet): Landscape {
  const { palette, unit, horizon, wish } = sheet;
  const [far, middle, near] = layers(sheet);
  const ridge = sheet.random.fork('ridge').chance(0.55);
  const peaks = ridge
    ? mountains(sheet, {
        name: 'ridge',
        base: horizon + unit * 18,
        tall: unit * 34,
        colour: mix(palette.hills[0], palette.sky[1], 0.35),
        snow: palette.time !== 'dusk',
      })
    : '';
  const sparse = wish.setting === 'meadow' ? 4 : 7;
  const behind = [
    peaks,
    far.drawn,
    trees(sheet, far, { name: 'far trees', count: sparse + 3, size: 0.26, colour: palette.hills[1] }),
    middle.drawn,
    trees(sheet, middle, {
      name: 'trees',
      count: sparse,
      size: 0.5,
      colour: palette.hills[2],
      keepFree: [0.3, 0.7],
    }),
  ].join('');
  return { behind, ground: near, standAt: middle.topAt };
}

function forest(sheet: Sheet): Landscape {
  const { palette } = sheet;
  const [far, middle, near] = layers(sheet);
  const row = (
    land: Land,
    name: string,
    count: number,
    size: number,
    colour: string,
    keepFree?: [number, number],
  ) => trees(sheet, land, { name, count, size, colour, keepFree });
  const behind = [
    far.drawn,
    row(far, 'row 1', 26, 0.55, mix(palette.hills[0], palette.hills[1], 0.4)),
    row(far, 'row 2', 20, 0.72, palette.hills[1]),
    middle.drawn,
    row(middle, 'row 3', 12, 1, mix(palette.hills[1], palette.hills[2], 0.6), [0.34, 0.66]),
    row(middle, 'row 4', 9, 1.3, palette.hills[2], [0.22, 0.78]),
  ].join('');
  return {
    behind,
    ground: near,
    standAt: middle.topAt,
    before: sheet.wish.weather === 'snow' ? '' : frame(sheet),
  };
}

function range(sheet: Sheet): Landscape {
  const { palette, horizon, unit, height } = sheet;
  const [, middle, near] = layers(sheet);
  const snow = true;
  const tall = Math.min(height * 0.42, unit * 60);
  const behind = [
    mountains(sheet, {
      name: 'far range',
      base: horizon + unit * 20,
      tall: tall * 1.25,
      colour: mix(palette.hills[0], palette.sky[1], 0.45),
      snow,
    }),
    mountains(sheet, {
      name: 'range',
      base: horizon + unit * 24,
      tall: tall * 0.9,
      colour: mix(palette.hills[1], palette.sky[0], 0.2),
      snow,
    }),
    middle.drawn,
    trees(sheet, middle, {
      name: 'trees',
      count: 18,
      size: 0.5,
      colour: darken(palette.hills[2], 0.1),
      keepFree: [0.36, 0.64],
    }),
  ].join('');
  return { behind, ground: near, standAt: middle.topAt };
}

function town(sheet: Sheet): Landscape {
  const [, , near] = layers(sheet);
  const lamp = near.topAt;
  return { behind: city(sheet), ground: near, standAt: (x) => lamp(x) + sheet.unit * 3 };
}

function space(sheet: Sheet): Landscape {
  const { height, unit, random } = sheet;
  const dust = random.fork('dust').pick(['#b9b4c9', '#c9a48f', '#a9b2cc', '#d08f73']);
  const back = hill(sheet, {
    name: 'crest',
    top: height * 0.7,
    swing: unit * 4,
    colour: darken(dust, 0.32),
    strokes: 30,
  });
  const near = hill(sheet, {
    name: 'near',
    top: height * 0.78,
    swing: unit * 2.5,
    colour: dust,
    strokes: 40,
  });
  return {
    behind: deepSpace(sheet) + back.drawn,
    ground: { ...near, drawn: near.drawn + craters(sheet, near.topAt, dust) },
    standAt: back.topAt,
  };
}

function desert(sheet: Sheet): Landscape {
  const [far, middle, near] = layers(sheet);
  const { palette, horizon, unit } = sheet;
  const mesa = mountains(sheet, {
    name: 'mesas',
    base: horizon + unit * 14,
    tall: unit * 22,
    colour: mix(palette.hills[0], palette.sky[1], 0.3),
    snow: false,
  });
  return { behind: mesa + far.drawn + middle.drawn, ground: near, standAt: middle.topAt };
}

function layers(sheet: Sheet): [Land, Land, Land] {
  const { horizon, height, unit, palette } = sheet;
  return [
    hill(sheet, {
      name: 'far',
      top: horizon + unit * 4,
      swing: unit * 5,
      colour: palette.hills[1],
      strokes: 40,
    }),
    hill(sheet, {
      name: 'middle',
      top: horizon + (height - horizon) * 0.32,
      swing: unit * 4,
      colour: palette.hills[2],
    }),
    hill(sheet, { name: 'near', top: height * 0.8, swing: unit * 2.6, colour: palette.hills[3] }),
  ];
}
