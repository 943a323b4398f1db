import type { Deployment } from '../deployment/start.ts';

/** Whatever the audit of the books finds. */
export async function judgeMoney({ query }: Deployment): Promise<string[]> {
  const rows = await query('select * from credit_audit');
  return rows.map((row) => `credit_audit: ${JSON.stringify(row)}`);
}
