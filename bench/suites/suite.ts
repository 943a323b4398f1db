import type { Servers } from '../deployment/servers.ts';

export interface Context {
  servers: Servers;
  /** A small run, to check that the benchmark works. */
  quick: boolean;
  /** Only the contestants of the guard. */
  guard: boolean;
  /** The folder for CPU profiles; null for none. */
  profiles: string | null;
  say(line: string): void;
}

/** One figure of every contestant. */
export interface Measure {
  /** For people: "CPU per job". */
  name: string;
  unit: string;
  better: 'higher' | 'lower';
  /** The figures are not comparable with each other. */
  mixed?: true;
  /** One value for each turn, by contestant. */
  values: Record<string, number[]>;
}

/** A target for Darkroom. */
export interface Check {
  what: string;
  value: number;
  target: string;
  met: boolean;
}

export interface SuiteResult {
  name: string;
  title: string;
  /** How it was measured. */
  how: string;
  measures: Measure[];
  checks: Check[];
  /** Further observations. */
  notes: string[];
}

export type Suite = (context: Context) => Promise<SuiteResult>;

export const darkroom = 'Darkroom';
export const floor = 'floor';
