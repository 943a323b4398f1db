import { darken, lighten, mix } from '../colour.ts';
import type { Sheet } from '../sheet.ts';
import { box, circle, polygon, stroke } from '../svg.ts';

/** Three rows of houses, the farther the paler, with light in their windows. */
export function city(sheet: Sheet): string {
  const { horizon, unit, palette } = sheet;
  const dark = palette.time === 'night' || palette.time === 'dusk';
  const rows = [
    {
      name: 'far',
      base: horizon + unit * 9,
      low: 22,
      high: 44,
      colour: mix(palette.hills[0], palette.sky[2], 0.3),
      lit: 0,
    },
    {
      name: 'middle',
      base: horizon + unit * 13,
      low: 15,
      high: 34,
      colour: mix(palette.hills[1], palette.sky[1], 0.15),
      lit: dark ? 0.4 : 0.12,
    },
    {
      name: 'near',
      base: horizon + unit * 18,
      low: 11,
      high: 26,
      colour: palette.hills[2],
      lit: dark ? 0.6 : 0.25,
    },
  ];
  return rows.map((row) => cityRow(sheet, row)).join('');
}

function cityRow(
  sheet: Sheet,
  row: { name: string; base: number; low: number; high: number; colour: string; lit: number },
): string {
  const { width, height, unit, palette } = sheet;
  const random = sheet.random.fork(`city ${row.name}`);
  const houses: string[] = [];
  for (let x = -unit * 4; x < width; ) {
    const wide = unit * random.between(7, 14);
    const top = row.base - unit * random.between(row.low, row.high);
    const wall = mix(
      row.colour,
      random.pick(['#d98b6a', '#7f95c4', '#c9b48a', row.colour]),
      row.name === 'far' ? 0.08 : 0.22,
    );
    const fill = sheet.gradient('down', [lighten(wall, 0.12), darken(wall, 0.16)]);
    houses.push(box(x, top, wide, height - top, fill), roof(x, top, wide, wall, random.whole(0, 4), unit));
    houses.push(box(x + wide * 0.82, top, wide * 0.18, height - top, darken(wall, 0.35), { opacity: 0.25 }));
    if (row.lit > 0)
      houses.push(
        windows({ x, top, wide, base: row.base }, random, { unit, lit: row.lit, lamp: palette.lamp, wall }),
      );
    x += wide + unit * random.between(-0.4, 1.2);
  }
  return houses.join('');
}

function windows(
  house: { x: number; top: number; wide: number; base: number },
  random: { chance(p: number): boolean; between(a: number, b: number): number },
  look: { unit: number; lit: number; lamp: string; wall: string },
): string {
  const { unit } = look;
  const columns = Math.max(2, Math.floor(house.wide / (unit * 2.6)));
  const step = house.wide / (columns + 0.4);
  const panes: string[] = [];
  for (let y = house.top + unit * 2; y < house.base; y += unit * 3) {
    for (let column = 0; column < columns; column += 1) {
      const on = random.chance(look.lit);
      const pane = on ? mix(look.lamp, '#fff6d8', random.between(0, 0.5)) : darken(look.wall, 0.3);
      panes.push(
        box(house.x + step * (column + 0.35), y, step * 0.52, unit * 1.5, pane, {
          opacity: on ? 0.95 : 0.4,
          rx: unit * 0.2,
        }),
      );
    }
  }
  return panes.join('');
}

function roof(x: number, top: number, wide: number, wall: string, kind: number, unit: number): string {
  const dark = darken(wall, 0.25);
  switch (kind) {
    case 0:
      return polygon(
        [
          [x - unit * 0.5, top],
          [x + wide / 2, top - unit * 5],
          [x + wide + unit * 0.5, top],
        ],
        dark,
      );
    case 1:
      return (
        stroke(`M${x + wide / 2} ${top}V${top - unit * 7}`, dark, unit * 0.5) +
        circle(x + wide / 2, top - unit * 7, unit * 0.5, '#e2635b')
      );
    case 2:
      return (
        box(x + wide * 0.2, top - unit * 2.4, wide * 0.3, unit * 2.4, dark) +
        box(x + wide * 0.62, top - unit * 1.6, wide * 0.2, unit * 1.6, dark)
      );
    case 3:
      return polygon(
        [
          [x, top],
          [x + wide * 0.16, top - unit * 3],
          [x + wide * 0.84, top - unit * 3],
          [x + wide, top],
        ],
        dark,
      );
    default:
      return box(x - unit * 0.4, top - unit * 0.8, wide + unit * 0.8, unit * 0.9, dark, { rx: unit * 0.3 });
  }
}
