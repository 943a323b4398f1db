import type { SupabaseClient } from '@supabase/supabase-js';
import { type RetryLimits, retryUnanswered } from '../transport/retry-unanswered.ts';
import { type SupabaseRequest, sendRequest } from '../transport/send-request.ts';

/** Sends a request that is safe to repeat through the Data API, and retries it when its answer was lost. */
export type Rest = <Data>(request: (client: SupabaseClient) => SupabaseRequest<unknown>) => Promise<Data>;

export function createRest(client: SupabaseClient, limits: RetryLimits): Rest {
  return <Data>(request: (client: SupabaseClient) => SupabaseRequest<unknown>) =>
    retryUnanswered(() => sendRequest(request(client), limits.timeoutMs) as Promise<Data>, limits);
}
