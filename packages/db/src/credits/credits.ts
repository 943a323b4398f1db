import { readCursor, toPage } from '../call/page.ts';
import type { AuditRow, Database, LedgerEntry } from '../database.ts';
import type { Door } from '../open.ts';

/** It reads all that was ever booked; a second reading would only come on top of the first. */
const patiently = { timeoutMs: 60_000 };

export function creditOperations({
  client,
  call,
}: Door): Pick<Database, 'listLedger' | 'grantCredits' | 'audit'> {
  return {
    async listLedger({ userId, limit, cursor }) {
      const from = cursor === null ? null : readCursor(cursor, [/^\d{1,18}$/]);
      const rows = (await call<unknown>(() => {
        let query = client
          .from('credit_ledger')
          .select('id,job_id,kind,amount,balance_after,reference,reason,created_at')
          .eq('user_id', userId);
        if (from) query = query.lt('id', from[0]);
        return query.order('id', { ascending: false }).limit(limit + 1);
      })) as (Omit<LedgerEntry, 'id'> & { id: number })[];
      return toPage(
        rows.map((row): LedgerEntry => ({ ...row, id: String(row.id) })),
        limit,
        (row) => [row.id],
      );
    },

    async grantCredits({ userId, amount, reference, reason }) {
      const balance: number = await call(() =>
        client.rpc('grant_credits', {
          p_user_id: userId,
          p_amount: amount,
          p_reference: reference,
          p_reason: reason,
        }),
      );
      return { balance };
    },

    async audit(options = patiently) {
      const rows: AuditRow[] = await call(() => client.rpc('audit_rows', { p_limit: 1_000 }), {
        ...options,
        repeats: 0,
      });
      return rows;
    },
  };
}
