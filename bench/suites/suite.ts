import type { Ground } from '../world/ground.ts';

export interface Context {
  ground: Ground;
  /** Less of everything: to see that it works, not to quote. */
  quick: boolean;
  /** Only what the guard compares. */
  guard: boolean;
  /** Where CPU profiles of the product are written; none without it. */
  profiles: string | null;
  say(line: string): void;
}

/** One figure of every contestant, measured in turns. */
export interface Measure {
  /** For people: "CPU a job". */
  name: string;
  unit: string;
  better: 'higher' | 'lower';
  /** Figures that stand beside each other without being comparable. */
  mixed?: true;
  /** One value a turn, by contestant. */
  values: Record<string, number[]>;
}

/** What the product is held to. */
export interface Check {
  what: string;
  value: number;
  target: string;
  met: boolean;
}

export interface SuiteResult {
  name: string;
  title: string;
  /** How it was measured, in a few sentences. */
  how: string;
  measures: Measure[];
  checks: Check[];
  /** What else was seen. */
  notes: string[];
}

export type Suite = (context: Context) => Promise<SuiteResult>;

export const product = 'Darkroom';
export const floor = 'floor';
