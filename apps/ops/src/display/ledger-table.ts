import type { LedgerEntry } from '@darkroom/db/credits/credits';
import { table } from './table.ts';
import { timestamp } from './times.ts';

/** Ledger entries as a table. */
export function ledgerTable(ledger: readonly LedgerEntry[]): string {
  return table(
    ['movement', 'kind', 'credits', 'balance', 'job', 'reason'],
    ledger.map((row) => [
      timestamp(row.created_at),
      row.kind,
      row.amount > 0 ? `+${row.amount}` : row.amount,
      row.balance_after,
      row.job_id,
      row.reason,
    ]),
  );
}
