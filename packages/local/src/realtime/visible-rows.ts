import { escapeIdentifier, escapeLiteral } from 'pg';
import type { Identity } from '../gateway/authenticate.ts';
import type { Row } from './condition.ts';
import type { RealtimeDatabase } from './database.ts';
import { nameOf, type Table } from './table.ts';

/**
 * Which of these rows the subscriber can see now, by position. Each row is selected by its primary key under the
 * subscriber's role and claims.
 */
export async function visibleRows(
  database: RealtimeDatabase,
  table: Table,
  identity: Identity,
  rows: readonly Row[],
): Promise<Set<number>> {
  const keys = table.columns.filter((column) => column.isKey);
  const isRow = keys.map(
    ({ name, sqlType }) => `t.${escapeIdentifier(name)} = (k.value ->> ${escapeLiteral(name)})::${sqlType}`,
  );
  const keysOfRows = rows.map((row) => Object.fromEntries(keys.map(({ name }) => [name, row[name]])));
  const seen = await database.queryAs<{ at: number }>(
    identity,
    `select k.ordinality::int - 1 as at from jsonb_array_elements($1::jsonb) with ordinality k
     where exists (select from ${nameOf(table)} t where ${isRow.join(' and ')})`,
    [JSON.stringify(keysOfRows)],
  );
  return new Set(seen.map(({ at }) => at));
}
