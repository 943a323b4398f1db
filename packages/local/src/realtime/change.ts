import type { WrittenRow } from './table.ts';

/** One row that a transaction wrote, as the WAL tells it. */
export interface Change {
  /** The transaction: the lower 32 bits of its number. */
  xid: number;
  type: 'INSERT' | 'UPDATE' | 'DELETE';
  schema: string;
  table: string;
  /** Stands for what the table is at this change: another object once its definition, grants or policies have changed. */
  definition: object;
  /** Null for DELETE. Columns that were kept out of line and did not change are undefined, unless the old row has them. */
  new: WrittenRow | null;
  /** The replica identity of the row before: its key, or all of it; null where the WAL leaves it out. */
  old: WrittenRow | null;
  /** When the transaction committed, in milliseconds since 1970. */
  committedAt: number;
}
