import type { OpsConfig } from '@darkroom/core/runtime/config/config';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Database } from '@darkroom/db/database';
import type { OperatorDatabase } from '@darkroom/db/operators/open';

/** A command of the operators' CLI. */
export interface Command {
  /** As typed, such as `jobs list`. */
  name: string;
  /** One line for the list of commands. */
  summary: string;
  /** Positional arguments in order: `<job id>` is required, `[amount]` optional. */
  arguments?: readonly string[];
  options?: Readonly<Record<string, Option>>;
  /** More help for this command. */
  details?: string;
  /** @throws UsageError for invalid arguments; Declined when the operator does not confirm. */
  run(input: Input, tools: Tools): Promise<Answer>;
}

export interface Option {
  /** Its value, such as `<count>`. Omitted: a flag. */
  value?: string;
  summary: string;
}

/** The words after the command's name. */
export interface Input {
  arguments: readonly string[];
  /** The value of an option, or undefined. */
  option(name: string): string | undefined;
  /** Whether a flag was given. */
  flag(name: string): boolean;
}

/** The result of a command as JSON and as text. */
export interface Answer {
  data: unknown;
  text: string;
  /** The exit code: 1 if something was found or failed. Default 0. */
  code?: 0 | 1;
}

/** What commands use. Connections open on first use and are closed when the command ends. */
export interface Tools {
  /** The environment variables, for commands that examine them. */
  environment: Record<string, string | undefined>;
  /** @throws ConfigError */
  config(): OpsConfig;
  /** @throws ConfigError */
  database(): Database;
  /** @throws ConfigError */
  operator(): OperatorDatabase;
  /** @throws UsageError when QUEUE_URL is not set. */
  queueUrl(): string;
  log: Log;
  /** Epoch milliseconds. */
  now(): number;
  /** Prints a line on standard error; not part of the answer. */
  notice(line: string): void;
  /** Replaces the current line on standard error. Only on a terminal. */
  progress(line: string): void;
  /** Aborts on SIGINT and SIGTERM. A command that reads it must end by itself then; any other is ended at once. */
  signal: AbortSignal;
  /**
   * Asks before an action that cannot be undone.
   * @throws Declined unless the operator confirms by answering or by --yes.
   */
  confirm(question: string): Promise<void>;
  /** Registers a function that runs when the command has ended. */
  onExit(close: () => Promise<void>): void;
}

/** The command line is wrong. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** The operator did not confirm. Nothing was done. */
export class Declined extends Error {
  override name = 'Declined';
}
