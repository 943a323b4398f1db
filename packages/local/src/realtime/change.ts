/** Rows as in the WAL: text or null by column; undefined for a missing column. */
export type WrittenRow = Record<string, string | null | undefined>;

/** One row that a transaction wrote, as it is in the WAL. */
export interface Change {
  /** The transaction: the lower 32 bits of its number. */
  xid: number;
  type: 'INSERT' | 'UPDATE' | 'DELETE';
  schema: string;
  table: string;
  /** The table at this change: a new object after its definition, grants or policies have changed. */
  definition: object;
  /** Null for DELETE. Unchanged TOAST columns are undefined, unless the old row has them. */
  new: WrittenRow | null;
  /** The old row's replica identity: its key, or the whole row; null when the WAL leaves it out. */
  old: WrittenRow | null;
  /** When the transaction committed, in milliseconds since 1970. */
  committedAt: number;
}
