import { TimeoutError, withTimeout } from '@darkroom/core/runtime/time/with-timeout';
import type { PostgrestError } from '@supabase/supabase-js';
import { DatabaseUnavailable } from '../errors.ts';
import { toError } from './to-error.ts';

/** A request built with supabase-js and not yet sent. */
export interface SupabaseRequest<Data> {
  abortSignal(signal: AbortSignal): PromiseLike<{ data: Data; error: PostgrestError | null; status: number }>;
}

/** Statuses after which nobody knows whether the request was carried out; 0: there was no response. */
const unansweredStatuses = new Set([0, 502, 503, 504, 520]);

/** Sends a request once. @throws as `Transport.send` */
export async function sendRequest<Data>(request: SupabaseRequest<Data>, timeoutMs: number): Promise<Data> {
  try {
    const send = async (signal: AbortSignal) => request.abortSignal(signal);
    const { data, error, status } = await withTimeout(timeoutMs, send);
    if (error === null) return data;
    throw toError(error, unansweredStatuses.has(status), status);
  } catch (error) {
    if (error instanceof TimeoutError) throw new DatabaseUnavailable(`no answer within ${timeoutMs} ms`);
    throw error;
  }
}
