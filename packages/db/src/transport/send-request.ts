import type { PostgrestError } from '@supabase/supabase-js';
import { toError } from './to-error.ts';

/** A request built with supabase-js and not yet sent. */
export interface SupabaseRequest<Data> {
  abortSignal(signal: AbortSignal): PromiseLike<{ data: Data; error: PostgrestError | null; status: number }>;
}

/** Statuses after which nobody knows whether the request was carried out; 0: there was no response. */
const unansweredStatuses = new Set([0, 502, 503, 504, 520]);

/** Sends a request once. @throws as `Transport.send` */
export async function sendRequest<Data>(request: SupabaseRequest<Data>, timeoutMs: number): Promise<Data> {
  // Not AbortSignal.timeout: its timer keeps running after the response has arrived.
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  try {
    const { data, error, status } = await request.abortSignal(limit.signal);
    if (error === null) return data;
    throw toError(error, unansweredStatuses.has(status), status);
  } finally {
    clearTimeout(timer);
  }
}
