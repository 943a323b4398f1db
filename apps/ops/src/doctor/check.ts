import type { VariableName } from '@darkroom/core/runtime/config/variables';

/** Something that is wrong: what, where, and how to mend it. */
export interface Finding {
  severity: 'error' | 'warning';
  what: string;
  /** A variable, a command or a place. */
  where: VariableName | (string & {});
  remedy: string;
}

/** What one check came to. */
export interface Outcome {
  findings: Finding[];
  /** In a few words, what was seen. */
  seen?: string;
  /** Why it could not be made. */
  skipped?: string;
}

/** One thing that the doctor looks at. */
export interface Check {
  name: string;
  /** @throws where it cannot be made; that is a finding, too. */
  run(): Promise<Outcome>;
}

export interface CheckResult extends Outcome {
  name: string;
  status: 'ok' | 'warning' | 'error' | 'skipped';
  ms: number;
}

export function error(where: Finding['where'], what: string, remedy: string): Finding {
  return { severity: 'error', where, what, remedy };
}

export function warning(where: Finding['where'], what: string, remedy: string): Finding {
  return { severity: 'warning', where, what, remedy };
}

export function skipped(why: string): Outcome {
  return { findings: [], skipped: why };
}
