import type { Canvas } from '../canvas.ts';

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
