import { pino } from 'pino';
import { type FactName, facts, type LogLevel } from './events.ts';
import { pinoPretty } from './pretty.ts';
import { scrub } from './scrub.ts';

/**
 * What a fact is about. Names are in snake_case; `error` may hold any thrown value.
 * Secrets and prompts are taken out by name (see scrub.ts), so a careless field leaks nothing.
 */
export type FactFields = Record<string, unknown>;

/** The only way in which product code prints. */
export interface Log {
  /** Tells a fact; how it reads and how loud it is, is decided in events.ts. Never throws. */
  fact(name: FactName, fields?: FactFields): void;
  /** A log that adds these fields to everything it tells. */
  with(fields: FactFields): Log;
}

export interface LogOptions {
  /** The quietest level that is still written; `silent` writes nothing. */
  level: LogLevel | 'silent';
  /** Coloured lines for people instead of a JSON object a line. */
  pretty: boolean;
  /** The process that speaks, such as `api` or `worker`. */
  name: string;
  /** Where the lines go; standard output by default. */
  destination?: { write(line: string): void };
}

/** Creates a log. Lines are written at once, so that none is lost when the process dies. */
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
  return describing((name, fields) => logger[facts[name].level](line(name, fields), facts[name].message));
}

function line(name: FactName, fields: FactFields): FactFields {
  try {
    return { event: name, ...scrub(fields) };
  } catch (error) {
    return { event: name, unreadable_fields: String(error) };
  }
}

/** Builds a {@link Log} on anything that takes facts. */
export function describing(tell: (name: FactName, fields: FactFields) => void): Log {
  return {
    fact: (name, fields = {}) => tell(name, fields),
    with: (added) => describing((name, fields) => tell(name, { ...added, ...fields })),
  };
}
