import type { Sheet } from '../sheet.ts';
import { oval } from '../svg.ts';
import type { Actor, CreatureKind, Gear } from '../wish.ts';
import { bear, panda } from './bear.ts';
import { cat } from './cat.ts';
import type { DrawCreature } from './creature.ts';
import { dog } from './dog.ts';
import { fox } from './fox.ts';
import { frog } from './frog.ts';
import { GEAR } from './gear.ts';
import { owl } from './owl.ts';
import { penguin } from './penguin.ts';
import { astronaut, person } from './person.ts';
import { rabbit } from './rabbit.ts';
import { robot } from './robot.ts';
import { helmet, suitBody } from './seated.ts';
import { dragon, hedgehog, mouse } from './small.ts';

const CAST: Record<CreatureKind, DrawCreature> = {
  cat,
  dog,
  fox,
  rabbit,
  bear,
  panda,
  owl,
  penguin,
  frog,
  hedgehog,
  mouse,
  dragon,
  robot,
  astronaut,
  person,
};

const BOTH_HANDS: Gear[] = ['cup', 'book', 'cake', 'flower', 'guitar'];

/** Draws somebody with all they wear and hold, the ground at the origin, about 230 tall. */
export function drawActor(
  sheet: Sheet,
  actor: Actor,
  gear: { kind: Gear; colour: string | null }[],
  own: string,
): string {
  const { wish } = sheet;
  const suited = wish.suited || actor.kind === 'astronaut';
  const mine: Sheet = { ...sheet, random: sheet.random.fork(own) };
  const drawn = CAST[actor.kind](mine, { colour: actor.colour, asleep: wish.asleep, suited });
  const creature = wish.suited ? { ...drawn, body: suitBody(mine), paw: '#e6e8f0' } : drawn;
  const worn = onlyOneInHand(gear).map((one) => GEAR[one.kind](creature, one.colour));
  const layer = (name: 'behind' | 'neck' | 'head' | 'hands') => worn.map((one) => one[name] ?? '').join('');
  return [
    oval(0, -1, 84, 13, '#1d1b3a', { opacity: 0.24 }),
    layer('behind'),
    creature.back,
    ...(suited
      ? [creature.head, helmet(mine, creature.headY, creature.headHalf), creature.body]
      : [creature.body, layer('neck'), creature.head]),
    layer('head'),
    layer('hands'),
  ].join('');
}

function onlyOneInHand<T extends { kind: Gear }>(gear: T[]): T[] {
  const held = gear.find((one) => BOTH_HANDS.includes(one.kind));
  return gear.filter((one) => one === held || !BOTH_HANDS.includes(one.kind));
}
