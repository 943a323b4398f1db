import type { Http } from '../http/http.ts';
import type { Page, PageQuery } from '../http/page.ts';
import { query } from '../http/query.ts';

/** The signed-in user. */
export interface Me {
  id: string;
  email: string | null;
  credits: number;
  subscription: { status: string; price_id: string | null; current_period_end: string | null } | null;
}

/** One movement of credits. */
export interface LedgerEntry {
  id: string;
  job_id: string | null;
  /** Such as `job_debit`, `job_refund`, `purchase`. */
  kind: string;
  amount: number;
  balance_after: number;
  reference: string;
  reason: string | null;
  created_at: string;
}

export interface Account {
  /** Creates the user at the first call. */
  me(options?: { signal?: AbortSignal }): Promise<Me>;
  /** Every movement of the user's credits, newest first. */
  ledger(page?: PageQuery): Promise<Page<LedgerEntry>>;
}

export function createAccount(http: Pick<Http, 'send'>): Account {
  return {
    me: (options) => http.send('GET', '/v1/me', options),
    ledger: (page) => http.send('GET', `/v1/credits/ledger${query(page)}`),
  };
}
