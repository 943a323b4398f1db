import type { Gear } from '../wish.ts';
import type { Creature } from './creature.ts';
import { book, cake, cup, flower, guitar, lantern, toyBalloon, umbrella } from './held.ts';
import { crown, glasses, hat, headphones, scarf, wizardHat } from './worn.ts';

/** How a piece of gear is worn or held, and what of it lies behind the creature. */
export interface Worn {
  behind?: string;
  /** Over the body, under the head. */
  neck?: string;
  head?: string;
  hands?: string;
}

export type DrawGear = (creature: Creature, colour: string | null) => Worn;

export const GEAR: Record<Gear, DrawGear> = {
  cup,
  book,
  scarf,
  hat,
  wizardHat,
  crown,
  glasses,
  umbrella,
  toyBalloon,
  flower,
  headphones,
  guitar,
  cake,
  lantern,
};
