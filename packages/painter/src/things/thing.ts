import type { Canvas } from '../canvas.ts';

/** About 100 tall, its foot at the origin. */
export type DrawThing = (canvas: Canvas, colour: string | null) => string;
