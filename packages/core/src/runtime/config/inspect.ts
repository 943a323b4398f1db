import { readEnvironment, type Values } from './environment.ts';
import type { ConfigProblem } from './error.ts';
import { findProblems } from './load.ts';
import { findWarnings } from './relations.ts';
import type { VariableName } from './variables.ts';

/** The readable part of an environment, and everything that is wrong with it. */
export interface InspectedEnvironment {
  /** Holds only what could be read. */
  values: Partial<Values>;
  problems: ConfigProblem[];
  /** Settings that have no effect, or cost money, beside another one. */
  warnings: ConfigProblem[];
  /** The name under which a variable was given. */
  nameOf(name: VariableName): string;
}

/** Reads the environment for both API and workers. Never throws: problems are part of the result. */
export function inspectEnvironment(env: Record<string, string | undefined>): InspectedEnvironment {
  const environment = readEnvironment(env);
  return {
    values: environment.values,
    problems: findProblems(environment, ['api', 'worker']),
    warnings: findWarnings(environment.values),
    nameOf: environment.nameOf,
  };
}
