import type { Arguments } from './transport.ts';

/** Lists that are arrays in SQL; all others are jsonb. */
const arrayArguments = new Set(['p_keys']);

export interface Statement {
  /** The name it is prepared under, once per connection. */
  name: string;
  text: string;
  values: (string | string[] | null)[];
}

export interface Statements {
  /**
   * The statement that calls a function; its only column, `result`, is the result as JSON.
   * @param trace set as a request header, as the Data API sets it; null: not set
   */
  of(name: string, args: Arguments, trace: string | null): Statement;
}

/** Statements by function and argument names: the same call has the same text and the same name. */
export function createStatements(): Statements {
  const names = new Map<string, string>();

  return {
    of(name, args, trace) {
      const given = Object.entries(args).filter(([, value]) => value !== undefined);
      const values = given.map(([key, value]) => encode(key, value));
      const list = given.map(([key], at) => `${key} => $${at + 1}`).join(', ');
      const call = `select to_json(public.${name}(${list})) as result`;
      if (trace === null) return { name: nameOf(call), text: call, values };
      // Materialized so that it runs before the call; the statement is one transaction.
      const text = `with header as materialized (select set_config('request.headers', $${values.length + 1}, true)) ${call} from header`;
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
