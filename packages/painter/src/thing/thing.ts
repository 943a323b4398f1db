import type { Sheet } from '../sheet.ts';

/** How a thing is drawn: its foot at the origin, about 100 tall, y upwards negative. */
export type DrawThing = (sheet: Sheet, colour: string | null) => string;
