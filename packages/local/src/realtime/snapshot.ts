/** Who can be seen at a moment, as `pg_current_snapshot()` writes it: `xmin:xmax:xip,xip`. */
export interface Snapshot {
  /** Whether what a transaction of the last two billion wrote can be read, if it has committed. */
  sees(xid: number): boolean;
}

/** The log names transactions by the lower 32 bits of what a snapshot names them by. */
export function readSnapshot(text: string): Snapshot {
  const [xmin, xmax, running] = text.split(':') as [string, string, string];
  const open = new Set(running === '' ? [] : running.split(',').map(lower));
  const isBefore = (xid: number, bound: string) => ((xid - lower(bound)) | 0) < 0;
  return { sees: (xid) => isBefore(xid, xmin) || (isBefore(xid, xmax) && !open.has(xid >>> 0)) };
}

const lower = (xid: string) => Number(BigInt.asUintN(32, BigInt(xid)));
