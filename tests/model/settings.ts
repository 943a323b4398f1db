/** What a run of the model can be asked for from outside. */
export interface Settings {
  /** MODEL_COMMANDS: how many calls each property makes, about; 1000000 for a long run. */
  commands: number;
  /** Whether MODEL_COMMANDS was given: then all that was counted is told. */
  tellsAll: boolean;
  /** MODEL_SEED: that of an earlier run. */
  seed: number;
  /** MODEL_PATH: where in that run the one sequence is to be found that is to be run again. */
  path: string | null;
  /** MODEL_PATCH: a file of SQL for the test database, to see whether a broken rule is noticed. */
  patch: string | undefined;
}

export const readSettings = (
  env: NodeJS.ProcessEnv,
  otherwise: Pick<Settings, 'commands' | 'seed'>,
): Settings => ({
  commands: Number(env.MODEL_COMMANDS ?? otherwise.commands),
  tellsAll: env.MODEL_COMMANDS !== undefined,
  seed: Number(env.MODEL_SEED ?? otherwise.seed),
  path: env.MODEL_PATH ?? null,
  patch: env.MODEL_PATCH,
});
