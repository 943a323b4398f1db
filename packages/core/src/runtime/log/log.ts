import { pino } from 'pino';
import { type FactName, facts, type LogLevel } from './events.ts';
import { pinoPretty } from './pretty.ts';
import { scrub } from './scrub.ts';

/**
 * The fields of a fact. Names are in snake_case; `error` may hold any thrown value. Values whose field name suggests a secret
 * or a prompt are redacted (see scrub.ts).
 */
export type FactFields = Record<string, unknown>;

/** The only way for application code to write output. */
export interface Log {
  /** Logs a fact; events.ts holds its level and message. Never throws. */
  fact(name: FactName, fields?: FactFields): void;
  /** Returns a log that adds these fields to every fact. Fields of the fact itself override them. */
  with(fields: FactFields): Log;
}

export interface LogOptions {
  /** The lowest level to write; `silent` writes nothing. */
  level: LogLevel | 'silent';
  /** Writes colored lines for people instead of one JSON object per line. */
  pretty: boolean;
  /** The process that logs, such as `api` or `worker`. */
  name: string;
  /** Receives the lines. Default: standard output. */
  destination?: { write(line: string): void };
}

/** Creates a log. It writes synchronously, so that no line is lost when the process crashes. */
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
