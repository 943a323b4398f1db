import { drawActor } from './creature/cast.ts';
import { type Exhibit, easel } from './easel.ts';
import type { Random } from './random.ts';
import { farBirds } from './scene/birds.ts';
import { flora } from './scene/flora.ts';
import { footShadow } from './scene/land.ts';
import { LANDSCAPES, type Landscape } from './scene/landscape.ts';
import { clouds, sky } from './scene/sky.ts';
import { atmosphere, fog, weather } from './scene/weather.ts';
import type { Sheet } from './sheet.ts';
import { place } from './svg.ts';
import { CATALOGUE } from './thing/catalogue.ts';
import type { Actor, Gear, Wish } from './wish.ts';

/** Puts a whole image together, from the sky to those in front. */
export function compose(sheet: Sheet, exhibits: Exhibit[]): string {
  const { width, wish } = sheet;
  const crowd = wish.actors.length + exhibits.length;
  const thingX = crowd === 0 ? width * 0.5 : sheet.lightX < width / 2 ? width * 0.77 : width * 0.23;
  const landscape = LANDSCAPES[wish.setting ?? 'hills'](sheet, thingX);
  const indoors = wish.setting === 'room';
  return [
    sky(sheet),
    clouds(sheet),
    landscape.behind,
    indoors ? '' : inTheAir(sheet, crowd > 0),
    ...(indoors ? [] : [onWater(sheet, thingX), onTheGround(sheet, landscape, thingX, crowd > 0)]),
    indoors ? '' : fog(sheet),
    landscape.ground.drawn,
    indoors ? '' : flora(sheet, landscape.ground, { name: 'back flora', from: 0.02, to: 0.45 }),
    front(sheet, exhibits, thingX),
    indoors ? '' : flora(sheet, landscape.ground, { name: 'front flora', from: 0.82, to: 1, size: 1.25 }),
    landscape.before ?? '',
    indoors ? '' : weather(sheet),
    wish.style === 'watercolour' ? '' : atmosphere(sheet),
  ].join('');
}

function inTheAir(sheet: Sheet, crowded: boolean): string {
  const { width, horizon, unit, wish } = sheet;
  const random = sheet.random.fork('air');
  const flying = wish.things.flatMap((thing) => {
    const entry = CATALOGUE[thing.kind];
    if (entry?.place !== 'air') return [];
    return Array.from({ length: thing.count }, (_, at) => {
      const share = thing.count === 1 ? (sheet.lightX < width / 2 ? 0.68 : 0.32) : (at + 0.5) / thing.count;
      const size = (entry.size * (crowded ? 0.9 : 1.5) * (at === 0 ? 1 : random.between(0.4, 0.75))) / 100;
      const y = horizon * (at === 0 ? 0.72 : random.between(0.45, 0.8)) + (crowded ? 0 : unit * 8);
      return place(
        entry.draw({ ...sheet, random: random.fork(`${at}`) }, thing.colour),
        width * share + random.between(-4, 4) * unit,
        y,
        unit * size,
        { turn: random.between(-5, 5) },
      );
    });
  });
  const birds = wish.things.some((one) => one.kind === 'birds') ? 9 : random.chance(0.6) ? 4 : 0;
  const empty = wish.setting === 'space' || wish.weather === 'storm';
  return (empty ? '' : farBirds(sheet, birds)) + flying.reverse().join('');
}

function onWater(sheet: Sheet, thingX: number): string {
  const { width, height, horizon, unit, wish } = sheet;
  const random = sheet.random.fork('water things');
  if (wish.setting !== 'sea') return '';
  return wish.things
    .flatMap((thing, order) => {
      const entry = CATALOGUE[thing.kind];
      if (entry?.place !== 'water') return [];
      return Array.from({ length: thing.count }, (_, at) => {
        const near = (at + 1) / (thing.count + 1) + (thing.kind === 'whale' ? 0.1 : -0.12);
        const y = horizon + near * (height * 0.82 - horizon) * 0.72 + unit * 3;
        const alone = wish.actors.length === 0 && wish.things.length === 1 && at === 0;
        const aside = width - thingX + (at - order * 1.6) * width * 0.2 * (thingX > width / 2 ? -1 : 1);
        const x = wish.actors.length === 0 ? width * (alone ? 0.5 : 0.3 + (order + at) * 0.34) : aside;
        const size = entry.size * (alone ? 1.7 : 0.75 + near * 0.6);
        return {
          y,
          drawn: place(
            entry.draw({ ...sheet, random: random.fork(`${order} ${at}`) }, thing.colour),
            x,
            y,
            (unit * size) / 100,
            { flip: random.chance(0.4) },
          ),
        };
      });
    })
    .sort((a, b) => a.y - b.y)
    .map((one) => one.drawn)
    .join('');
}

function onTheGround(sheet: Sheet, landscape: Landscape, thingX: number, crowded: boolean): string {
  const { width, unit, wish } = sheet;
  const random = sheet.random.fork('ground things');
  let taken = 0;
  return wish.things
    .flatMap((thing) => {
      const entry = CATALOGUE[thing.kind];
      if (entry?.place !== 'ground') return [];
      return Array.from({ length: thing.count }, () => {
        const aside = taken === 0 ? 0 : Math.ceil(taken / 2) * (taken % 2 ? 1 : -1) * width * 0.19;
        const x = Math.max(width * 0.1, Math.min(width * 0.9, thingX - aside));
        const y = landscape.standAt(x) + unit * 2.4;
        const wanted = entry.size * (crowded ? 1 : 1.35) * (taken === 0 ? 1 : random.between(0.6, 0.8));
        const size = Math.min(wanted, (y / unit) * 0.9);
        taken += 1;
        return (
          footShadow(x, y, size * unit * 0.4, 0.18) +
          place(entry.draw(sheet, thing.colour), x, y, (unit * size) / 100)
        );
      });
    })
    .reverse()
    .join('');
}

/** Those the image is about, and the images that were given, in the foreground. */
function front(sheet: Sheet, exhibits: Exhibit[], thingX: number): string {
  const { width, height, unit, wish } = sheet;
  const random = sheet.random.fork('front');
  const count = wish.actors.length + exhibits.length;
  if (count === 0) return '';
  const gear = dressed(wish, random);
  const sheltered = gear.some((one) => one.kind === 'umbrella');
  const busy = wish.things.length > 0 && count === 1 && width >= height * 0.7;
  const tall = Math.min(height * (sheltered ? 0.46 : 0.58), (width / count) * 1.15, unit * 64);
  const centre = busy ? width - thingX + (thingX > width / 2 ? 0.12 : -0.12) * width : width / 2;
  const step = Math.min(tall * 0.82, (width * 0.92) / count);
  const spots = Array.from({ length: count }, (_, at) => ({
    x: centre + (at - (count - 1) / 2) * step,
    size: (tall / 230) * (at === 0 || exhibits.length ? 1 : random.between(0.78, 0.96)),
  }));
  const shown = exhibits.map((one, at) => ({
    drawn: easel(one, '#c99a55'),
    ...spots[wish.actors.length + at]!,
  }));
  const acting = wish.actors.map((actor, at) => ({
    drawn: drawActor(sheet, actor, gearOf(actor, at, gear, wish), `actor ${at}`),
    ...spots[at]!,
  }));
  return [...shown, ...acting.reverse()]
    .map(({ drawn, x, size }, at) => place(drawn, x, height * 0.935 - (at % 2) * unit * 1.5, size))
    .join('');
}

/** Nobody gets wet, nobody freezes. */
function dressed(wish: Wish, random: Random): Wish['gear'] {
  const has = (kind: Gear) => wish.gear.some((one) => one.kind === kind);
  const outdoors = wish.setting !== 'room' && wish.setting !== 'space';
  const extra: Wish['gear'] = [];
  if (outdoors && (wish.weather === 'rain' || wish.weather === 'storm') && !has('umbrella')) {
    extra.push({ kind: 'umbrella', colour: random.pick(['#e0665c', '#f0b94b', '#5a9ab5', null]) });
  }
  if (outdoors && wish.weather === 'snow' && !has('scarf'))
    extra.push({ kind: 'scarf', colour: random.pick(['#cf5650', '#4f86a8', '#e0a23f']) });
  return [...wish.gear, ...extra];
}

/** What is told of one is told of all, but only the first of many holds it all. */
function gearOf(actor: Actor, at: number, gear: Wish['gear'], wish: Wish): Wish['gear'] {
  const sealed = wish.suited || actor.kind === 'astronaut';
  const fits = gear.filter(
    (one) => !(sealed && /^(hat|wizardHat|crown|scarf|glasses|headphones)$/.test(one.kind)),
  );
  return at === 0 ? fits : fits.filter((one) => /^(scarf|umbrella|hat)$/.test(one.kind));
}
