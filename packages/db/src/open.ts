import type { SupabaseClient } from '@supabase/supabase-js';
import { accountOperations } from './accounts/accounts.ts';
import { type Call, createCall } from './call/call.ts';
import { createServerClient } from './call/client.ts';
import { cleaningOperations } from './cleaning/cleaning.ts';
import { creditOperations } from './credits/credits.ts';
import type { Database } from './database.ts';
import { imageOperations } from './images/images.ts';
import { jobOperations } from './jobs/jobs.ts';
import { operatorOperations } from './operators/operators.ts';
import { promptOperations } from './prompts/prompts.ts';
import { runOperations } from './runs/runs.ts';
import { sweepOperations } from './sweep/sweep.ts';
import { userOperations } from './users/users.ts';
import { watchOperations } from './watch/watch.ts';
import { webhookOperations } from './webhooks/webhooks.ts';

/** What every operation is made of. */
export interface Door {
  client: SupabaseClient;
  call: Call;
}

/**
 * Opens the typed door to Postgres through Supabase's Data API, as the server (secret key).
 * @param options.timeoutMs for one try of one request (default 8,000, Supabase's own statement timeout)
 * @param options.repeats of a request whose answer was lost (default 3, within about 3 seconds)
 */
export function openDatabase(options: {
  supabaseUrl: string;
  secretKey: string;
  timeoutMs?: number;
  repeats?: number;
  fetch?: typeof globalThis.fetch;
}): Database {
  const door: Door = {
    client: createServerClient(options.supabaseUrl, options.secretKey, options.fetch),
    call: createCall({ timeoutMs: options.timeoutMs ?? 8_000, repeats: options.repeats ?? 3 }),
  };
  return {
    ...userOperations(door),
    ...jobOperations(door),
    ...runOperations(door),
    ...watchOperations(door),
    ...sweepOperations(door),
    ...creditOperations(door),
    ...webhookOperations(door),
    ...promptOperations(door),
    ...imageOperations(door),
    ...accountOperations(door),
    ...cleaningOperations(door),
    ...operatorOperations(door),
  };
}
