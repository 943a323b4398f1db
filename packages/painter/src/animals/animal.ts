import type { Canvas } from '../canvas.ts';
import type { AnimalKind } from '../scene.ts';
import { bear } from './bear.ts';
import { cat } from './cat.ts';
import { dog } from './dog.ts';
import { fox } from './fox.ts';
import { owl } from './owl.ts';
import { rabbit } from './rabbit.ts';
import { robot } from './robot.ts';

/** The layers of an animal that sits and looks at us, its ground at the origin, about 230 tall, its head at -160. */
export interface Animal {
  /** Tails. */
  back?: string;
  body: string;
  head: string;
  /** The colour of the paws, which are drawn again over what they hold. */
  paw: string;
}

export type DrawAnimal = (canvas: Canvas, colour: string | null) => Animal;

export const ANIMALS: Record<AnimalKind, DrawAnimal> = { cat, dog, fox, rabbit, bear, owl, robot };
