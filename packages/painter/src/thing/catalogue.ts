import type { Thing } from '../wish.ts';
import { balloon } from './balloon.ts';
import { boat } from './boat.ts';
import { cactus } from './cactus.ts';
import { castle } from './castle.ts';
import { house } from './house.ts';
import { lighthouse } from './lighthouse.ts';
import { rocket } from './rocket.ts';
import { tent } from './tent.ts';
import type { DrawThing } from './thing.ts';
import { whale } from './whale.ts';
import { windmill } from './windmill.ts';

export interface CatalogueEntry {
  draw: DrawThing;
  /** Where it belongs. */
  place: 'ground' | 'air' | 'water';
  /** Its height in hundredths of the image's shorter side. */
  size: number;
}

/** The things that stand, float or fly in a scene. */
export const CATALOGUE: Partial<Record<Thing, CatalogueEntry>> = {
  lighthouse: { draw: lighthouse, place: 'ground', size: 46 },
  house: { draw: house, place: 'ground', size: 34 },
  castle: { draw: castle, place: 'ground', size: 42 },
  windmill: { draw: windmill, place: 'ground', size: 40 },
  tent: { draw: tent, place: 'ground', size: 30 },
  cactus: { draw: cactus, place: 'ground', size: 26 },
  balloon: { draw: balloon, place: 'air', size: 30 },
  rocket: { draw: rocket, place: 'air', size: 34 },
  boat: { draw: boat, place: 'water', size: 22 },
  whale: { draw: whale, place: 'water', size: 26 },
};
