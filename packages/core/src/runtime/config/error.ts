/** One thing that is wrong with the environment. Never holds a value, which may be a secret. */
export interface ConfigProblem {
  /** The variable as it was given, or the one that is missing. */
  variable: string;
  wrong: string;
  /** What to do about it, with an example. */
  remedy: string;
}

/** The environment cannot be used. Its message lists everything that is wrong with it, and how to mend it. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(role: string, problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ variable, wrong, remedy }) => `  - ${variable} ${wrong}. ${remedy}`);
    super(`The ${role} cannot start with this environment:\n${lines.join('\n')}`);
    this.problems = problems;
  }
}
