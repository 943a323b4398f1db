import type { ConfigProblem } from './error.ts';
import {
  type DefaultedName,
  type ValueOf,
  type Variable,
  type VariableName,
  variables,
} from './variables.ts';

/** The values of all variables: defaults filled in, the rest only where it is set. */
export type Values = { [Name in DefaultedName]: ValueOf<Name> } & {
  [Name in Exclude<VariableName, DefaultedName>]?: ValueOf<Name>;
};

/** The environment, read variable by variable. */
export interface Environment {
  /** Holds only what could be read. */
  values: Values;
  problems: ConfigProblem[];
  /** The name under which a variable was given. */
  nameOf(name: VariableName): string;
}

/** Reads every variable. An empty one counts as not set, and quotes around a whole value are no part of it; a variable's own name wins over its aliases. */
export function readEnvironment(env: Record<string, string | undefined>): Environment {
  const names = new Map<VariableName, string>();
  const problems: ConfigProblem[] = [];
  const values: Record<string, unknown> = {};

  for (const name of Object.keys(variables) as VariableName[]) {
    const variable: Variable = variables[name];
    const given = givenName(env, name);
    names.set(name, given ?? name);
    const raw = given === undefined ? variable.default : givenValue(env, given);
    if (raw === undefined) continue;
    const parsed = variable.kind.safeParse(raw);
    if (parsed.success) values[name] = parsed.data;
    else problems.push({ variable: given ?? name, wrong: wording(parsed.error), remedy: remedyFor(name) });
  }

  return { values: values as Values, problems, nameOf: (name) => names.get(name) ?? name };
}

/** What to do about a variable that is missing or wrong. */
export function remedyFor(name: VariableName): string {
  return `Set it like ${name}=${variables[name].example}`;
}

function givenName(env: Record<string, string | undefined>, name: VariableName): string | undefined {
  const { aliases = [] }: Variable = variables[name];
  return [name, ...aliases].find((candidate) => givenValue(env, candidate));
}

/** Docker and kubectl hand on the quotes around a value in a file of variables; a shell does not. */
function givenValue(env: Record<string, string | undefined>, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === undefined ? undefined : (/^(["'])(.*)\1$/s.exec(value)?.[2]?.trim() ?? value);
}

function wording(error: { issues: readonly { message: string }[] }): string {
  return error.issues[0]?.message ?? 'cannot be read';
}
