import { readCursor, toPage } from '../call/page.ts';
import type { AuditRow, Database, LedgerEntry } from '../database.ts';
import type { Door } from '../open.ts';

interface LedgerRow extends Omit<LedgerEntry, 'id'> {
  id: number;
}

/** It reads all that was ever booked; a second reading would only come on top of the first. */
const patiently = { timeoutMs: 60_000 };

export function creditOperations({ call }: Door): Pick<Database, 'listLedger' | 'grantCredits' | 'audit'> {
  return {
    async listLedger({ userId, limit, cursor }) {
      const from = cursor === null ? null : readCursor(cursor, [/^\d{1,18}$/]);
      const rows = await call<LedgerRow[]>('list_ledger', {
        p_user_id: userId,
        p_limit: limit + 1,
        p_before: from?.[0],
      });
      return toPage(
        rows.map((row): LedgerEntry => ({ ...row, id: String(row.id) })),
        limit,
        (row) => [row.id],
      );
    },

    async grantCredits({ userId, amount, reference, reason }) {
      const balance: number = await call('grant_credits', {
        p_user_id: userId,
        p_amount: amount,
        p_reference: reference,
        p_reason: reason,
      });
      return { balance };
    },

    audit: (options = patiently) =>
      call<AuditRow[]>('audit_rows', { p_limit: 1_000 }, { ...options, repeats: 0 }),
  };
}
