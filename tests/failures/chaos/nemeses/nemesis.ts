import type { Deployment, QueueBackend } from '../deployment/start.ts';
import type { Random } from '../random.ts';

/** `short` fits a test run of a minute, `long` a run of half an hour. */
export type Severity = 'short' | 'long';

/** Something that goes wrong. */
export interface Nemesis {
  name: string;
  /** Those of one lane strike one at a time; the two lanes go on side by side. */
  lane: 'processes' | 'parts';
  /** How long a strike lasts, from and to, in milliseconds. */
  lasts: Record<Severity, readonly [number, number]>;
  /** The one backend it is for; without it, both. */
  only?: QueueBackend;
  /** Strikes, and mends what it broke before it resolves, with what exactly it did. */
  strike(deployment: Deployment, how: StrikeOptions): Promise<string>;
}

export interface StrikeOptions {
  random: Random;
  lastsMs: number;
  /** The storm is over: what is left to do may be left. */
  readonly over: boolean;
  /** Ends early when the storm is over; never throws. */
  pause(ms: number): Promise<void>;
}
