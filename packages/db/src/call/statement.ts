import type { Arguments } from './call.ts';

/** The one list that is an array in SQL; every other is jsonb. */
const arrayArguments = new Set(['p_keys']);

export interface Statement {
  /** Prepared under this name, once a connection. */
  name: string;
  text: string;
  values: (string | string[] | null)[];
}

export interface Statements {
  /**
   * The call of a function, whose result is one value, `result`, as JSON.
   * @param trace told to the database as the Data API tells it of a request's header; null: nothing is told
   */
  of(name: string, args: Arguments, trace: string | null): Statement;
}

/** Statements by function and arguments: the same call has the same text and the same name. */
export function createStatements(): Statements {
  const names = new Map<string, string>();

  return {
    of(name, args, trace) {
      const given = Object.entries(args).filter(([, value]) => value !== undefined);
      const values = given.map(([key, value]) => encode(key, value));
      const list = given.map(([key], at) => `${key} => $${at + 1}`).join(', ');
      const call = `select to_json(public.${name}(${list})) as result`;
      if (trace === null) return { name: nameOf(call), text: call, values };
      // Runs before the call and in its transaction, which is this statement.
      const text = `with told as materialized (select set_config('request.headers', $${values.length + 1}, true)) ${call} from told`;
      return {
        name: nameOf(text),
        text,
        values: [...values, JSON.stringify({ 'x-darkroom-trace': trace })],
      };
    },
  };

  function nameOf(text: string): string {
    let name = names.get(text);
    if (name === undefined) {
      name = `darkroom_${names.size}`;
      names.set(text, name);
    }
    return name;
  }
}

function encode(key: string, value: unknown): string | string[] | null {
  if (value === null) return null;
  if (arrayArguments.has(key)) return value as string[];
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
