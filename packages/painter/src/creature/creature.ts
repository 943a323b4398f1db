import type { Sheet } from '../sheet.ts';

/** The layers of a seated creature, its ground at the origin, about 230 tall. */
export interface Creature {
  /** What is behind the body: tails, wings. */
  back: string;
  body: string;
  head: string;
  /** The colour of its hands or paws, which are drawn again over what they hold. */
  paw: string;
  /** Where hats sit: the top of the skull, between the ears. */
  crownY: number;
  headY: number;
  /** Half the width of the head. */
  headHalf: number;
  /** Half the width of the neck, for scarves. */
  neckHalf: number;
}

export interface Looks {
  colour: string | null;
  asleep: boolean;
  /** In a space suit, which replaces the body. */
  suited: boolean;
}

export type DrawCreature = (sheet: Sheet, looks: Looks) => Creature;

/** Where every head sits on its body. */
export const NECK_Y = -112;
