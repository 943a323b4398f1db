import { createClient, type SupabaseClient } from '@supabase/supabase-js';

/** A supabase-js client for a server: no session, and no retries of its own because `call.ts` does them. */
export function createServerClient(
  supabaseUrl: string,
  secretKey: string,
  fetch?: typeof globalThis.fetch,
): SupabaseClient {
  return createClient(supabaseUrl, secretKey, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    db: { retry: false },
    ...(fetch ? { global: { fetch } } : {}),
  });
}
