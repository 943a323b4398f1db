import type { AnimalKind } from '../scene.ts';
import type { DrawAnimal } from './animal.ts';
import { bear } from './bear.ts';
import { cat } from './cat.ts';
import { dog } from './dog.ts';
import { fox } from './fox.ts';
import { owl } from './owl.ts';
import { rabbit } from './rabbit.ts';
import { robot } from './robot.ts';

export const ANIMALS: Record<AnimalKind, DrawAnimal> = { cat, dog, fox, rabbit, bear, owl, robot };
