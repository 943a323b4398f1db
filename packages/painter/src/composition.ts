import { abstract } from './abstract.ts';
import { ANIMALS } from './animals/animals.ts';
import type { Canvas } from './canvas.ts';
import { SHADOW } from './colour.ts';
import { ITEMS } from './items/items.ts';
import { origin, promptLabel } from './label.ts';
import { landscape } from './landscape/draw-landscape.ts';
import { flowers } from './landscape/flowers.ts';
import type { Landscape } from './landscape/landscape.ts';
import { sky } from './landscape/sky.ts';
import { weather } from './landscape/weather.ts';
import type { AnimalKind, Named } from './scene.ts';
import { oval, place } from './svg.ts';
import { THINGS } from './things/things.ts';

/** Puts an image together, from the sky to the front. `framed` are drawings of the images that came with the prompt. */
export function compose(canvas: Canvas, prompt: string, framed: string[]): string {
  const { width, height, lightX, scene, random } = canvas;
  const front = [...scene.animals.map((one, at) => animal(canvas, one, at)), ...framed];
  const labelY = height * (front.length > 0 ? 0.15 : 0.5);
  const drawn = [
    inFront(canvas, front),
    scene.unknown ? promptLabel(canvas, prompt, labelY) : '',
    origin(canvas),
  ];
  if (scene.unknown && scene.setting === null) return [abstract(canvas), weather(canvas), ...drawn].join('');

  const thingX = front.length === 0 ? width * 0.5 : width * (lightX < width / 2 ? 0.77 : 0.23);
  const setting =
    scene.setting ?? random.fork('setting').pick(['hills', 'hills', 'forest', 'mountains', 'sea'] as const);
  const land = landscape(canvas, setting, thingX);
  return [
    sky(canvas),
    land.behind,
    things(canvas, land, thingX, front.length > 0),
    land.ground.drawn,
    flowers(canvas, land.ground, 'far flowers', 0.02, 0.45),
    flowers(canvas, land.ground, 'near flowers', 0.82, 1),
    weather(canvas),
    ...drawn,
  ].join('');
}

/** The things of the scene in the middle distance: the first of each place at `thingX`, the others around it. */
function things(canvas: Canvas, land: Landscape, thingX: number, aside: boolean): string {
  const { width, height, horizon, unit, scene } = canvas;
  const inward = thingX > width / 2 ? -1 : 1;
  return scene.things
    .map(({ kind, colour }, at) => {
      const thing = THINGS[kind];
      const nth = scene.things.slice(0, at).filter((one) => THINGS[one.kind].place === thing.place).length;
      const size = thing.size * (aside ? 1 : 1.35) * (nth === 0 ? 1 : 0.75);
      const past = thing.place === 'water' && scene.things.length > 1 ? 0.1 : 0;
      const x = thingX + inward * ([0, 0.3, -0.16][nth]! - past) * width;
      const y = {
        ground: land.standAt(x) + unit * 2.4,
        water: horizon + (height * 0.8 - horizon) * 0.6,
        air: horizon * (nth === 0 ? 0.85 : 0.6),
      }[thing.place];
      const fits = Math.min(size, (y / unit) * 0.9);
      const shadow =
        thing.place === 'ground' ? oval(x, y, fits * unit * 0.4, fits * unit * 0.06, SHADOW, 0.18) : '';
      return shadow + place(thing.draw(canvas, colour), x, y, (unit * fits) / 100);
    })
    .reverse()
    .join('');
}

/** Animals and framed images side by side in the foreground. */
function inFront(canvas: Canvas, drawn: string[]): string {
  const { width, height, unit, scene, lightX } = canvas;
  const count = drawn.length;
  const tall = Math.min(height * 0.56, (width / count) * 1.15, unit * 64);
  const step = Math.min(tall * 0.84, (width * 0.92) / count);
  const beside = scene.things.length > 0 && count === 1 && width >= height * 0.7;
  const centre = width * (beside ? (lightX < width / 2 ? 0.35 : 0.65) : 0.5);
  return drawn
    .map((one, at) => {
      const x = centre + (at - (count - 1) / 2) * step;
      return place(one, x, height * 0.935 - (at % 2) * unit * 1.5, (tall / 230) * (at % 2 ? 0.92 : 1));
    })
    .reverse()
    .join('');
}

/** An animal with what it wears and holds. */
function animal(canvas: Canvas, { kind, colour }: Named<AnimalKind>, at: number): string {
  const own = { ...canvas, random: canvas.random.fork(`animal ${at}`) };
  const { back = '', body, head, paw } = ANIMALS[kind](own, colour);
  const worn = itemsOf(canvas, at).map((one) => ITEMS[one.kind](paw, one.colour));
  const layer = (name: 'behind' | 'neck' | 'front') => worn.map((one) => one[name] ?? '').join('');
  return [
    oval(0, -1, 84, 13, SHADOW, 0.24),
    layer('behind'),
    back,
    body,
    layer('neck'),
    head,
    layer('front'),
  ].join('');
}

/** The first animal has all that the prompt names; in rain and snow every animal is dressed for it. */
function itemsOf({ scene, random }: Canvas, at: number): Canvas['scene']['items'] {
  const named = at === 0 ? scene.items : [];
  const needed = ({ rain: 'umbrella', snow: 'scarf', clear: null } as const)[scene.weather];
  if (!needed || named.some((one) => one.kind === needed)) return named;
  const colour = random.fork(`dress ${at}`).pick(['#e0665c', '#e0a23f', '#4f86a8']);
  return [...named, { kind: needed, colour }];
}
