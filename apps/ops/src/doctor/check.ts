import type { VariableName } from '@darkroom/core/runtime/config/variables';

/** A problem, its place and its remedy. */
export interface Finding {
  severity: 'error' | 'warning';
  /** Continues `where` to a sentence. */
  what: string;
  /** A variable, a command or a place. */
  where: VariableName | (string & {});
  remedy: string;
}

export interface CheckOutcome {
  findings: Finding[];
  /** A few words on what was found in order. */
  seen?: string;
  /** Why the check could not run. */
  skipped?: string;
}

export interface Check {
  name: string;
  /** @throws when the check itself fails; the caller turns that into a finding. */
  run(): Promise<CheckOutcome>;
}

export interface CheckResult extends CheckOutcome {
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

export function skipped(why: string): CheckOutcome {
  return { findings: [], skipped: why };
}

/** At most five names, and the number of the others. */
export function summarizeNames(names: readonly string[]): string {
  return names.length <= 5
    ? names.join(', ')
    : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`;
}
