import { escapeIdentifier } from 'pg';
import type { Role } from '../gateway/authenticate.ts';
import type { Change, WrittenRow } from './change.ts';
import type { Row } from './condition.ts';
import type { RealtimeDatabase } from './database.ts';

export interface Column {
  name: string;
  /** `pg_type.typname`, as clients see it: `int4`, `timestamptz`, `_text`. */
  type: string;
  /** The type in SQL, for casts. */
  sqlType: string;
  isKey: boolean;
  /** The roles that may select it. */
  readers: Role[];
}

export interface Table {
  schema: string;
  name: string;
  hasRowSecurity: boolean;
  columns: Column[];
}

const DESCRIBE = `
  select c.relrowsecurity as "hasRowSecurity",
    jsonb_agg(jsonb_build_object(
      'name', a.attname, 'type', t.typname, 'sqlType', format_type(a.atttypid, a.atttypmod),
      'isKey', coalesce(a.attnum = any (k.conkey), false),
      'readers', (select coalesce(jsonb_agg(r.rolname), '[]') from pg_roles r
        where r.rolname in ('anon', 'authenticated', 'service_role')
          and has_column_privilege(r.oid, c.oid, a.attnum, 'select'))
    ) order by a.attnum) as columns
  from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid
    left join pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
  where n.nspname = $1 and c.relname = $2
  group by c.oid`;

/** Reads a table from the catalog; null when it does not exist. */
export async function describeTable(
  database: RealtimeDatabase,
  schema: string,
  name: string,
): Promise<Table | null> {
  const [found] = await database.query<Omit<Table, 'schema' | 'name'>>(DESCRIBE, [schema, name]);
  return found ? { schema, name, ...found } : null;
}

/** Finds the table of a change; null when it no longer exists. */
export type Describe = (change: Pick<Change, 'schema' | 'table' | 'definition'>) => Promise<Table | null>;

/** Reads the catalog once for each definition of a table. */
export function createDescribe(database: RealtimeDatabase): Describe {
  const known = new WeakMap<object, Table>();
  return async ({ schema, table: name, definition }) => {
    const table = known.get(definition) ?? (await describeTable(database, schema, name));
    if (table) known.set(definition, table);
    return table;
  };
}

/** Converts rows with `to_jsonb`, as PostgREST does; missing columns are left out. */
export async function readRows(
  database: RealtimeDatabase,
  table: Table,
  written: readonly WrittenRow[],
): Promise<Row[]> {
  if (written.length === 0) return [];
  const json = new Set(
    table.columns.filter(({ type }) => type === 'json' || type === 'jsonb').map(({ name }) => name),
  );
  const rows = written.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        json.has(name) && typeof value === 'string' ? JSON.parse(value) : value,
      ]),
    ),
  );
  const read = await database.query<{ row: Row }>(
    `select to_jsonb(jsonb_populate_record(null::${nameOf(table)}, r.value)) as row
     from jsonb_array_elements($1::jsonb) with ordinality r order by r.ordinality`,
    [JSON.stringify(rows)],
  );
  return read.map(({ row }, at) => pick(row, (name) => written[at]![name] !== undefined));
}

export function pick(row: Row, keep: (column: string) => boolean): Row {
  return Object.fromEntries(Object.entries(row).filter(([name]) => keep(name)));
}

export function nameOf({ schema, name }: Pick<Table, 'schema' | 'name'>): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
}
