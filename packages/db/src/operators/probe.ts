import type { PostgrestError } from '@supabase/supabase-js';
import { createServerClient } from '../call/client.ts';
import type { DatabaseReport } from './records.ts';
import { serverFunctions } from './server-functions.ts';

/** What a key of Supabase's Data API turned out to open. */
export type ApiProbe =
  /** It may do what the server does. */
  | { kind: 'server'; report: DatabaseReport }
  /** It is let in, and may not do what the server does: a public key. */
  | { kind: 'public' }
  /** It is let in, and the functions of this release are not there. */
  | { kind: 'not_migrated'; cause: string }
  | { kind: 'key_refused'; cause: string }
  | { kind: 'unreachable'; cause: string }
  | { kind: 'failed'; cause: string };

/** Asks the Data API for the operators' report with this key, once. Never throws. */
export async function probeApi(options: {
  supabaseUrl: string;
  key: string;
  timeoutMs: number;
}): Promise<ApiProbe> {
  try {
    const client = createServerClient(options.supabaseUrl, options.key);
    const { data, error, status } = await client
      .rpc('operator_report', { p_functions: [...serverFunctions] })
      .abortSignal(AbortSignal.timeout(options.timeoutMs));
    return error === null ? { kind: 'server', report: data as DatabaseReport } : refusal(error, status);
  } catch (error) {
    return { kind: 'unreachable', cause: String((error as Error).message ?? error) };
  }
}

function refusal(error: PostgrestError, status: number): ApiProbe {
  // Without an answer, the details hold what the network said.
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
