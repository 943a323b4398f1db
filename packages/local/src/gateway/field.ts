import type { Column } from './catalog.ts';
import { badQuery } from './errors.ts';
import { type Parameters, quoteIdentifier } from './sql.ts';

/** The columns of a query string and the collector for its values. */
export interface Scope {
  /** Quoted SQL name of the table or call that the columns belong to. */
  qualifier: string;
  /** The known columns; empty for the result of a function. */
  columns: ReadonlyMap<string, Column>;
  parameters: Parameters;
}

export interface Field {
  sql: string;
  /** The name in the answer: the column, or the last key of a JSON path. */
  name: string;
  /** The position after the field. */
  end: number;
}

const QUOTED = /"((?:[^"\\]|\\.)*)"/y;
const PLAIN = /(?:[^"(),:.>!*\\-]|-(?!>))+/y;
const ARROW = /->>?/y;

/** Reads one column at `start`, which may have a JSON path (`data->a->>b`). */
export function readField(text: string, start: number, scope: Scope): Field {
  const column = readName(text, start);
  let { name, end } = column;
  let sql = `${scope.qualifier}.${quoteIdentifier(name)}`;
  if (text.startsWith('->', end)) {
    const type = scope.columns.get(name)?.type ?? 'jsonb';
    if (type !== 'json' && type !== 'jsonb') sql = `to_jsonb(${sql})`;
  }
  for (let arrow = match(ARROW, text, end); arrow; arrow = match(ARROW, text, end)) {
    const key = readName(text, end + arrow[0].length);
    const index = /^-?\d+$/.test(key.name);
    sql += `${arrow[0]}${scope.parameters.add(key.name)}${index ? '::int' : '::text'}`;
    if (!index) name = key.name;
    end = key.end;
  }
  return { sql, name, end };
}

/** Reads one name at `start`, plain or in double quotes. */
export function readName(text: string, start: number): { name: string; end: number } {
  const quoted = match(QUOTED, text, start);
  if (quoted) return { name: withoutEscapes(quoted[1]!), end: start + quoted[0].length };
  const plain = match(PLAIN, text, start);
  if (!plain) {
    throw badQuery(`failed to parse "${text}"`, `a column name was expected at position ${start + 1}`);
  }
  return { name: plain[0].trim(), end: start + plain[0].length };
}

export function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

export function withoutEscapes(quoted: string): string {
  return quoted.replace(/\\(.)/gs, '$1');
}
