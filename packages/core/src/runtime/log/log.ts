import { pino } from 'pino';
import { type FactName, facts, type LogLevel } from './events.ts';
import { pinoPretty } from './pretty.ts';
import { scrub } from './scrub.ts';

/**
 * Names are in snake_case; `error` may hold any thrown value.
 * Secrets and prompts are removed by field name (see scrub.ts).
 */
export type FactFields = Record<string, unknown>;

/** The only way in which product code writes output. */
export interface Log {
  /** Logs a fact; events.ts holds its level and message. Never throws. */
  fact(name: FactName, fields?: FactFields): void;
  /** A log that adds these fields to every fact. */
  with(fields: FactFields): Log;
}

export interface LogOptions {
  /** The lowest level that is written; `silent` writes nothing. */
  level: LogLevel | 'silent';
  /** Coloured lines for people instead of one JSON object a line. */
  pretty: boolean;
  /** The process that logs, such as `api` or `worker`. */
  name: string;
  /** Where the lines go; standard output by default. */
  destination?: { write(line: string): void };
}

/** Creates a log. Lines are written synchronously, so that none is lost when the process dies. */
export function createLog({ level, pretty, name, destination }: LogOptions): Log {
  const sink = destination ?? pino.destination({ dest: 1, sync: true });
  const logger = pino(
    {
      level,
      base: { name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pretty ? pinoPretty(sink) : sink,
  );
  return createFactLog((name, fields) => logger[facts[name].level](line(name, fields), facts[name].message));
}

function line(name: FactName, fields: FactFields): FactFields {
  try {
    return { event: name, ...scrub(fields) };
  } catch (error) {
    return { event: name, unreadable_fields: String(error) };
  }
}

/** Creates a {@link Log} that passes every fact to `write`. */
export function createFactLog(write: (name: FactName, fields: FactFields) => void): Log {
  return {
    fact: (name, fields = {}) => write(name, fields),
    with: (added) => createFactLog((name, fields) => write(name, { ...added, ...fields })),
  };
}
