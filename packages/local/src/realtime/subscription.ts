import { crc32 } from 'node:zlib';
import type { Identity, Role } from '../gateway/authenticate.ts';
import type { Condition } from './condition.ts';
import type { RealtimeDatabase } from './database.ts';
import type { Binding } from './join-config.ts';
import { parseFilter, type WrittenCondition } from './parse-filter.ts';
import { Refusal } from './refusal.ts';
import { TABLES } from './stream.ts';
import { type Column, describeTable } from './table.ts';

/** A receiver of changes. */
export interface Subscriber {
  /** The identity for reading rows: that of the latest token. */
  readonly identity: Identity;
  push(event: string, payload: unknown): void;
}

/** A valid binding: its table exists, is published, and may be read. */
export interface Subscription {
  id: number;
  /** `INSERT`, `UPDATE`, `DELETE` or `*`. */
  event: string;
  schema: string;
  /** undefined means every table of the schema. */
  table: string | undefined;
  conditions: Condition[];
}

/** Equal bindings have equal ids, as on Supabase. */
export function idOf(binding: Binding): number {
  return crc32(JSON.stringify([binding.event, binding.schema, binding.table, binding.filter]));
}

/**
 * Checks a binding against the database and converts its values to the types of the columns.
 * @throws Refusal when it cannot be served and a retry would not help.
 */
export async function resolveBinding(
  database: RealtimeDatabase,
  binding: Binding,
  role: Role,
): Promise<Subscription> {
  const table = binding.table === '*' || !binding.table ? undefined : binding.table;
  const { event, schema } = binding;
  if (!['*', 'INSERT', 'UPDATE', 'DELETE'].includes(event))
    throw unable(binding, `there is no event ${event}`);
  const published = await database.query(
    `select from pg_publication_tables where pubname = $1 and schemaname = $2 and ($3::text is null or tablename = $3)`,
    [TABLES, schema, table ?? null],
  );
  if (published.length === 0) throw unable(binding, 'it is not in the publication');
  const conditions: Condition[] = [];
  if (binding.filter) {
    const columns = table === undefined ? undefined : (await describeTable(database, schema, table))?.columns;
    if (!columns) throw unable(binding, 'a filter needs a table');
    for (const written of parseFilter(binding.filter)) {
      const column = columns.find(({ name, readers }) => name === written.column && readers.includes(role));
      if (!column) throw unable(binding, `invalid column for filter ${written.column}`);
      conditions.push({ ...written, values: await typed(database, column, written, binding) });
    }
  }
  return { id: idOf(binding), event, schema, table, conditions };
}

async function typed(
  database: RealtimeDatabase,
  column: Column,
  { operator, values }: WrittenCondition,
  binding: Binding,
): Promise<unknown[]> {
  if (operator === 'like' || operator === 'ilike') return values;
  if (operator === 'is') {
    const known: Record<string, unknown> = { null: null, unknown: null, true: true, false: false };
    const value = values[0]!.toLowerCase();
    if (!(value in known)) throw unable(binding, `${column.name} can be null, true, false or unknown`);
    return [known[value]];
  }
  try {
    const rows = await database.query<{ value: unknown }>(
      `select to_jsonb(v::${column.sqlType}) as value from unnest($1::text[]) with ordinality u(v, n) order by n`,
      [values],
    );
    return rows.map(({ value }) => value);
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith('22')) throw unable(binding, (error as Error).message);
    throw error;
  }
}

function unable({ event, schema, table, filter }: Binding, why: string): Refusal {
  return new Refusal(
    'RealtimeDisabledForConfiguration',
    `Unable to subscribe to changes with given parameters. Please check Realtime is enabled for the given connect parameters: [event: ${event}, schema: ${schema}, table: ${table ?? '*'}, filters: ${filter ?? '[]'}] (${why})`,
  );
}
