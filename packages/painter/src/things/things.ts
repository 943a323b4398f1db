import type { ThingKind } from '../scene.ts';
import { airBalloon } from './air-balloon.ts';
import { boat } from './boat.ts';
import { house } from './house.ts';
import { lighthouse } from './lighthouse.ts';
import type { DrawThing } from './thing.ts';

/** `size` is the height in hundredths of the image's shorter side. */
export const THINGS: Record<ThingKind, { draw: DrawThing; place: 'ground' | 'water' | 'air'; size: number }> =
  {
    lighthouse: { draw: lighthouse, place: 'ground', size: 46 },
    house: { draw: house, place: 'ground', size: 34 },
    boat: { draw: boat, place: 'water', size: 24 },
    airBalloon: { draw: airBalloon, place: 'air', size: 34 },
  };
