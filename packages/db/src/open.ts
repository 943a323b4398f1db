import { noTracing, type Tracing } from '@darkroom/core/runtime/trace/tracing';
import { accountOperations } from './accounts/accounts.ts';
import { type Call, createCall } from './call/call.ts';
import { openDataApi } from './call/data-api.ts';
import { createDirect, type DirectOptions } from './call/direct.ts';
import { watchOperations } from './changes/changes.ts';
import { creditOperations } from './credits/credits.ts';
import type { Database } from './database.ts';
import { imageOperations } from './images/images.ts';
import { jobOperations } from './jobs/jobs.ts';
import { operatorOperations } from './operators/operators.ts';
import { promptOperations } from './prompts/prompts.ts';
import { cleaningOperations } from './removal/removal.ts';
import { runOperations } from './runs/runs.ts';
import { sweepOperations } from './sweep/sweep.ts';
import { userOperations } from './users/users.ts';
import { webhookOperations } from './webhooks/webhooks.ts';

/** What every operation is made of. */
export interface Door {
  call: Call;
}

/** A database that is let go of at the end. */
export interface OpenDatabase extends Database {
  /** Lets go of its connections after what is under way. Idempotent. */
  close(): Promise<void>;
}

/**
 * Opens the typed door to Postgres, as the server: through Supabase's Data API, or over connections of its own.
 * What comes through it is the same either way.
 * @param options.timeoutMs for one try of one request (default 8,000, Supabase's own statement timeout)
 * @param options.repeats of a request whose answer was lost (default 3, within about 3 seconds)
 * @param options.direct connections of its own instead of the Data API
 * @param options.tracing what is called within a trace belongs to it, and so do the rows that it makes
 */
export function openDatabase(options: {
  supabaseUrl: string;
  secretKey: string;
  timeoutMs?: number;
  repeats?: number;
  direct?: DirectOptions;
  tracing?: Tracing;
}): OpenDatabase {
  const { timeoutMs = 8_000, repeats = 3, direct, tracing = noTracing } = options;
  const transport = direct
    ? createDirect({ ...direct, timeoutMs, tracing })
    : openDataApi(options.supabaseUrl, options.secretKey, tracing);
  const door: Door = { call: createCall(transport, { timeoutMs, repeats }) };
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
    close: transport.close,
  };
}
