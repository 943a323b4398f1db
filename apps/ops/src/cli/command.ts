import type { OpsConfig } from '@darkroom/core/runtime/config/config';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Database } from '@darkroom/db/database';
import type { OperatorDatabase } from '@darkroom/db/operators/open';

/** One command of the operators. */
export interface Command {
  /** As it is typed: `jobs list`. */
  name: string;
  /** One line for the list of commands. */
  summary: string;
  /** What is not an option, in order: `<job id>` must be given, `[amount]` may be. */
  arguments?: readonly string[];
  options?: Readonly<Record<string, Option>>;
  /** More lines for the help of this command. */
  details?: string;
  /** @throws UsageError for arguments that cannot be understood; Declined where the operator did not agree. */
  run(input: Input, tools: Tools): Promise<Answer>;
}

export interface Option {
  /** What follows it, such as `<count>`; without one it stands alone. */
  value?: string;
  summary: string;
}

/** What was typed after the command's name. */
export interface Input {
  arguments: readonly string[];
  /** The text of an option, or undefined. */
  option(name: string): string | undefined;
  /** Whether an option that stands alone was given. */
  flag(name: string): boolean;
}

/** What a command has found out: as one JSON document, and in words. */
export interface Answer {
  data: unknown;
  text: string;
  /** 1 when something was found or failed. Default 0. */
  code?: 0 | 1;
}

/** What commands are made with. Nothing is opened before it is asked for, and all that was is closed at the end. */
export interface Tools {
  /** The environment, for commands that look at it themselves. */
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
  /** Tells how it goes, on standard error; not part of the answer. */
  say(line: string): void;
  /** A line that replaces the one before it; on a terminal alone. */
  live(line: string): void;
  /** Aborts when the operator interrupts. */
  signal: AbortSignal;
  /**
   * Asks before something is done that cannot be taken back.
   * @throws Declined unless the operator agrees, by answer or by --yes.
   */
  confirm(question: string): Promise<void>;
  /** Runs when the command is over. */
  afterwards(close: () => Promise<void>): void;
}

/** What was typed cannot be understood. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** The operator did not agree. Nothing was done. */
export class Declined extends Error {
  override name = 'Declined';
}
