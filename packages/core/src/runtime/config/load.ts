import type { Configs, Role } from './config.ts';
import { type Environment, readEnvironment, remedyFor } from './environment.ts';
import { ConfigError, type ConfigProblem } from './error.ts';
import { findContradictions } from './relations.ts';
import { shapes } from './shapes.ts';
import type { VariableName } from './variables.ts';

const r2 = [
  'R2_ENDPOINT',
  'R2_ACCESS_KEY_ID',
  'R2_SECRET_ACCESS_KEY',
  'R2_BUCKET_NAME',
  'R2_PUBLIC_URL',
] as const;

/** What must be set for a role; one of an inner list is enough. */
const required: Record<Role, readonly (VariableName | readonly VariableName[])[]> = {
  api: [
    'SUPABASE_URL',
    'SUPABASE_SECRET_KEY',
    'QUEUE_URL',
    'CLERK_SECRET_KEY',
    'CLERK_PUBLISHABLE_KEY',
    ...r2,
  ],
  worker: ['SUPABASE_URL', 'SUPABASE_SECRET_KEY', 'QUEUE_URL', 'GEMINI_API_KEY', ...r2],
  migrate: [['DATABASE_URL', 'DIRECT_URL']],
  ops: ['SUPABASE_URL', 'SUPABASE_SECRET_KEY'],
};

/** The variables that a role reads, where that is not all of them: no other one can keep it from starting. */
const readOnly: Partial<Record<Role, readonly VariableName[]>> = {
  migrate: ['DATABASE_URL', 'DIRECT_URL', 'LOG_LEVEL'],
};

/**
 * Reads the configuration of a role from the environment. The result is frozen.
 * @throws ConfigError that lists everything that is missing, cannot be read, or contradicts something else.
 */
export function loadConfig<R extends Role>(env: Record<string, string | undefined>, role: R): Configs[R] {
  const environment = readEnvironment(restrict(env, readOnly[role]));
  const problems = findProblems(environment, [role]);
  if (problems.length > 0) throw new ConfigError(role, problems);
  return freeze(shapes[role](environment.values));
}

/** Everything that keeps these roles from starting: unreadable, missing for one of them, or contradictory. */
export function findProblems(environment: Environment, roles: readonly Role[]): ConfigProblem[] {
  const missing = roles.flatMap((role) => findMissing(environment, role));
  return [
    ...environment.problems,
    ...missing.filter(({ variable }, at) => missing.findIndex((one) => one.variable === variable) === at),
    ...findContradictions(environment),
  ];
}

function restrict(env: Record<string, string | undefined>, names: readonly string[] | undefined) {
  return names ? Object.fromEntries(names.map((name) => [name, env[name]])) : env;
}

function findMissing({ values, problems, nameOf }: Environment, role: Role): ConfigProblem[] {
  const unreadable = new Set(problems.map(({ variable }) => variable));
  return required[role]
    .map((one) => (typeof one === 'string' ? [one] : one))
    .filter((names) => names.every((name) => values[name] === undefined && !unreadable.has(nameOf(name))))
    .map((names) => ({
      variable: names.join(' or '),
      wrong: 'is not set',
      remedy: remedyFor(names[0] as VariableName),
    }));
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) freeze(inner);
  return Object.freeze(value);
}
