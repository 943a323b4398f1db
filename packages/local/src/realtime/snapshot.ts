/** A snapshot as `pg_current_snapshot()` writes it: `xmin:xmax:xip,xip`. */
export interface Snapshot {
  /** Whether a committed transaction is visible; it must be one of the last two billion. */
  sees(xid: number): boolean;
}

/** The WAL has only the lower 32 bits of the transaction ids in a snapshot. */
export function readSnapshot(text: string): Snapshot {
  const [xmin, xmax, running] = text.split(':') as [string, string, string];
  const open = new Set(running === '' ? [] : running.split(',').map(lower));
  const isBefore = (xid: number, bound: string) => ((xid - lower(bound)) | 0) < 0;
  return { sees: (xid) => isBefore(xid, xmin) || (isBefore(xid, xmax) && !open.has(xid >>> 0)) };
}

const lower = (xid: string) => Number(BigInt.asUintN(32, BigInt(xid)));
