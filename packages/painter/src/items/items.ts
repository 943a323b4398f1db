import type { ItemKind } from '../scene.ts';
import { balloon } from './balloon.ts';
import { cup } from './cup.ts';
import type { DrawItem } from './item.ts';
import { scarf } from './scarf.ts';
import { umbrella } from './umbrella.ts';

export const ITEMS: Record<ItemKind, DrawItem> = { cup, scarf, umbrella, balloon };
