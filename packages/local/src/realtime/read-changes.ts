import type { Change } from './change.ts';
import type { Row } from './condition.ts';
import type { RealtimeDatabase } from './database.ts';
import { pick, readRows, type Table } from './table.ts';

/** A change with its rows as JSON. */
export interface ReadChange extends Pick<Change, 'type' | 'committedAt'> {
  /** Its position in the order of all changes. */
  at: number;
  /** Null for DELETE. */
  record: Row | null;
  /** Null for INSERT. The replica identity: the key, or the whole row. */
  oldRecord: Row | null;
}

/** Reads changes of one table. */
export async function readChanges(
  database: RealtimeDatabase,
  table: Table,
  changes: readonly (readonly [at: number, Change])[],
): Promise<ReadChange[]> {
  const written = changes.flatMap(([, change]) => [change.new, change.old]).filter((row) => row !== null);
  const rows = (await readRows(database, table, written)).values();
  return changes.map(([at, { type, committedAt, new: now, old }]) => {
    const record = now && rows.next().value!;
    const oldRecord = old && rows.next().value!;
    // When the key did not change, the WAL has no old row: its key is that of the new one.
    return {
      at,
      type,
      committedAt,
      record,
      oldRecord: type === 'UPDATE' ? (oldRecord ?? keyOf(table, record!)) : oldRecord,
    };
  });
}

/** The primary key of a row. */
export function keyOf({ columns }: Table, row: Row): Row {
  const keys = new Set(columns.filter(({ isKey }) => isKey).map(({ name }) => name));
  return pick(row, (name) => keys.has(name));
}
