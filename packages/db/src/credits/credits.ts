import { type Page, readCursor, toPage } from '../page.ts';
import type { Call } from '../transport/call.ts';

export interface LedgerEntry {
  id: string;
  job_id: string | null;
  kind: string;
  amount: number;
  balance_after: number;
  reference: string;
  reason: string | null;
  created_at: string;
}

/** A user or a job that breaks an invariant of credits. */
export interface AuditRow {
  scope: 'user' | 'job';
  id: string;
  user_id: string;
  problem: string;
  expected: string | null;
  actual: string | null;
}

export interface CreditOperations {
  listLedger(query: { userId: string; limit: number; cursor: string | null }): Promise<Page<LedgerEntry>>;
  grantCredits(grant: {
    userId: string;
    amount: number;
    reference: string;
    reason: string;
  }): Promise<{ balance: number }>;
  /** What breaks an invariant of credits, 1,000 rows at most. Must be empty. Not retried; `timeoutMs` is a minute by default. */
  audit(options?: { timeoutMs: number }): Promise<AuditRow[]>;
}

/** The audit reads every movement ever booked. A retry would run beside the first attempt, so there is none. */
const auditTimeout = { timeoutMs: 60_000 };

export function creditOperations(call: Call): CreditOperations {
  return {
    async listLedger({ userId, limit, cursor }) {
      const from = cursor === null ? null : readCursor(cursor, [/^\d{1,18}$/]);
      const rows = await call<LedgerRow[]>('list_ledger', {
        p_user_id: userId,
        p_limit: limit + 1,
        p_before: from?.[0],
      });
      return toPage(rows.map(toLedgerEntry), limit, (row) => [row.id]);
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

    audit: (options = auditTimeout) =>
      call<AuditRow[]>('audit_rows', { p_limit: 1_000 }, { ...options, retries: 0 }),
  };
}

export interface LedgerRow extends Omit<LedgerEntry, 'id'> {
  id: number;
}

export function toLedgerEntry(row: LedgerRow): LedgerEntry {
  return { ...row, id: String(row.id) };
}
