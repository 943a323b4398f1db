import { readEnvironment, type Values } from './environment.ts';
import type { ConfigProblem } from './error.ts';
import { findProblems } from './load.ts';
import type { VariableName } from './variables.ts';

/** An environment as far as it can be read, and everything that is wrong with it. */
export interface InspectedEnvironment {
  /** Only what could be read. */
  values: Partial<Values>;
  problems: ConfigProblem[];
  /** The name under which a variable was given. */
  nameOf(name: VariableName): string;
}

/** Reads the environment of the API and the workers together. Never throws: what is wrong is part of the answer. */
export function inspectEnvironment(env: Record<string, string | undefined>): InspectedEnvironment {
  const environment = readEnvironment(env);
  return {
    values: environment.values,
    problems: findProblems(environment, ['api', 'worker']),
    nameOf: environment.nameOf,
  };
}
