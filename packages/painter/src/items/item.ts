import type { ItemKind } from '../scene.ts';
import { balloon } from './balloon.ts';
import { cup } from './cup.ts';
import { scarf } from './scarf.ts';
import { umbrella } from './umbrella.ts';

/** The layers of what an animal wears or holds, drawn on the animal's own scale. */
export interface Item {
  behind?: string;
  /** Over the body, under the head. */
  neck?: string;
  front?: string;
}

export type DrawItem = (paw: string, colour: string | null) => Item;

export const ITEMS: Record<ItemKind, DrawItem> = { cup, scarf, umbrella, balloon };
