import type { PostgrestError } from '@supabase/supabase-js';
import { createServerClient } from '../transport/supabase.ts';
import { serverFunctions } from './server-functions.ts';

/** The doctor's report on the database. */
export interface DatabaseReport {
  /** ISO 8601, by the database's clock. */
  now: string;
  postgres: string;
  /** Names of the applied numbered migrations, in order. */
  migrations: string[];
  /** Number of the latest release that migrated this database. */
  release: number;
  /** Checksums of `migrations/` that were applied under that number, the latest first. */
  checksums: string[];
  missing_functions: string[];
  closed_functions: string[];
  open_functions: string[];
  open_tables: string[];
  /** With a live lease. */
  workers: number;
  waiting: number;
  running: number;
  /** How long the first job of the queue has been due; null when none is. */
  oldest_due_ms: number | null;
  unresolved_events: number;
}

/** What a key of Supabase's Data API gives access to. */
export type DataApiProbe =
  /** It has the server's rights. */
  | { kind: 'server'; report: DatabaseReport }
  /** It is accepted but lacks the server's rights: a public key. */
  | { kind: 'public' }
  /** It is accepted, and the SQL functions of this release are missing. */
  | { kind: 'not_migrated'; cause: string }
  | { kind: 'key_refused'; cause: string }
  | { kind: 'unreachable'; cause: string }
  | { kind: 'failed'; cause: string };

/** Asks the Data API for the operators' report with this key, once. Never throws. */
export async function probeDataApi(options: {
  supabaseUrl: string;
  key: string;
  timeoutMs: number;
}): Promise<DataApiProbe> {
  try {
    const client = createServerClient(options.supabaseUrl, options.key);
    const { data, error, status } = await client
      .rpc('operator_report', { p_functions: [...serverFunctions] })
      .abortSignal(AbortSignal.timeout(options.timeoutMs));
    return error === null ? { kind: 'server', report: data as DatabaseReport } : toProbe(error, status);
  } catch (error) {
    return { kind: 'unreachable', cause: String((error as Error).message ?? error) };
  }
}

function toProbe(error: PostgrestError, status: number): DataApiProbe {
  // Without an answer, the details hold the network error.
  const network =
    status === 0 ? /\b(E[A-Z_]{4,}|certificate)\b[^\n]*/.exec(error.details ?? '')?.[0] : undefined;
  const cause = [status || null, error.code, network ?? error.message].filter(Boolean).join(' ');
  if (error.code === '42501') return { kind: 'public' };
  if (error.code === 'PGRST202' || error.code === '42883' || error.code === '3F000' || error.code === '42P01')
    return { kind: 'not_migrated', cause };
  if (status === 401 || status === 403) return { kind: 'key_refused', cause };
  if (status === 0 || status === 404 || status >= 502) return { kind: 'unreachable', cause };
  return { kind: 'failed', cause };
}
