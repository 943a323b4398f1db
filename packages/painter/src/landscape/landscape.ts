import type { Land } from './hill.ts';

/** The place where a scene happens. */
export interface Landscape {
  /** Everything beyond the foreground. */
  behind: string;
  /** The foreground. */
  ground: Land;
  /** The height at which a thing at x stands, in the middle distance. */
  standAt(x: number): number;
}
