import { createClient, type SupabaseClient } from '@supabase/supabase-js';

/** supabase-js as a server uses it: no session, no retries of its own (`call.ts` knows what may be repeated). */
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
