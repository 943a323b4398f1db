import type { Catalog, Column, Relation } from './catalog.ts';
import { badBody, unknownColumn } from './errors.ts';
import { readName } from './field.ts';
import { parseBody } from './request.ts';
import { type Parameters, quoteIdentifier, quoteLiteral } from './sql.ts';

/** The rows of a request body, as a table expression named `pgrst_body`. */
export interface Payload {
  columns: Column[];
  sql: string;
  isArray: boolean;
}

/**
 * The rows of the body, typed as the table's columns. Postgres parses the JSON, so that no number loses a digit.
 * @throws GatewayError PGRST102 for a body that is no object or list of alike objects, PGRST204 for an unknown column
 */
export async function readPayload(
  body: string,
  options: { columns: string | null; missingDefault: boolean },
  relation: Relation,
  catalog: Catalog,
  parameters: Parameters,
): Promise<Payload> {
  const parsed = parseBody(body);
  const rows = Array.isArray(parsed) ? parsed : [parsed];
  const names = options.columns === null ? commonKeys(rows) : listNames(options.columns);
  const columns = await Promise.all(
    names.map(async (name) => {
      const column = await catalog.column(relation, name);
      if (!column) throw unknownColumn(relation.name, name);
      return column;
    }),
  );
  const isArray = Array.isArray(parsed);
  const elements = options.missingDefault
    ? withDefaults(columns, isArray, parameters.add(body))
    : listOf(isArray, parameters.add(body));
  return { columns, isArray, sql: `(${typedRows(columns, elements)}) pgrst_body` };
}

function commonKeys(rows: unknown[]): string[] {
  if (!rows.every(isObject)) throw badBody('Empty or invalid json');
  const keys = Object.keys(rows[0] ?? {});
  const alike = rows.every(
    (row) => Object.keys(row).length === keys.length && keys.every((key) => Object.hasOwn(row, key)),
  );
  if (!alike) throw badBody('All object keys must match');
  return keys;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listNames(columns: string): string[] {
  const names: string[] = [];
  let at = 0;
  do {
    const { name, end } = readName(columns, at);
    names.push(name);
    at = end + 1;
  } while (columns[at - 1] === ',');
  return [...new Set(names)];
}

function listOf(isArray: boolean, placeholder: string): string {
  return isArray ? `${placeholder}::json` : `json_build_array(${placeholder}::json)`;
}

function withDefaults(columns: Column[], isArray: boolean, placeholder: string): string {
  const defaults = columns
    .filter((column) => column.default !== null)
    .map((column) => `${quoteLiteral(column.name)}, ${column.default}`);
  const list = isArray ? `${placeholder}::jsonb` : `jsonb_build_array(${placeholder}::jsonb)`;
  return `(select coalesce(jsonb_agg(jsonb_build_object(${defaults.join(', ')}) || element), '[]')::json
    from jsonb_array_elements(${list}) element)`;
}

function typedRows(columns: Column[], elements: string): string {
  // Without any column, each object is still one row: a row of defaults.
  if (columns.length === 0) return `select from json_array_elements(${elements})`;
  const typed = columns.map((column) => `${quoteIdentifier(column.name)} ${column.type}`);
  return `select * from json_to_recordset(${elements}) as _(${typed.join(', ')})`;
}
