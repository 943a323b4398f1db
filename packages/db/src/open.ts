import { noTracing, type Tracing } from '@darkroom/core/runtime/trace/tracing';
import { accountOperations } from './accounts/accounts.ts';
import { changeOperations } from './changes/changes.ts';
import { creditOperations } from './credits/credits.ts';
import type { Database } from './database.ts';
import { gaugeOperations } from './gauges/gauges.ts';
import { imageOperations } from './images/images.ts';
import { jobOperations } from './jobs/jobs.ts';
import { leaseOperations } from './lease/lease.ts';
import { modelOperations } from './models/models.ts';
import { paymentOperations } from './payments/payments.ts';
import { promptOperations } from './prompts/prompts.ts';
import { queueOperations } from './queue/queue.ts';
import { queuePositionOperations } from './queue-position/queue-position.ts';
import { removalOperations } from './removal/removal.ts';
import { runOperations } from './runs/runs.ts';
import { sweepOperations } from './sweep/sweep.ts';
import { traceOperations } from './traces/traces.ts';
import { createCall } from './transport/call.ts';
import { openDataApi } from './transport/data-api.ts';
import { type DirectOptions, openDirect } from './transport/direct.ts';
import { userOperations } from './users/users.ts';
import { webhookOperations } from './webhooks/webhooks.ts';

export interface OpenDatabase extends Database {
  /** Closes its connections after the calls under way. Idempotent. */
  close(): Promise<void>;
}

/**
 * Opens the database with the server's rights, through Supabase's Data API or over direct connections. Both transports
 * give the same results and errors.
 * @param options.timeoutMs of one attempt of a call (default 8,000, Supabase's own statement timeout)
 * @param options.retries of a call whose answer was lost (default 3, within about 3 seconds)
 * @param options.direct connect to Postgres directly instead of through the Data API
 * @param options.tracing calls made within a trace belong to it, and so do the rows they create
 */
export function openDatabase(options: {
  supabaseUrl: string;
  secretKey: string;
  timeoutMs?: number;
  retries?: number;
  direct?: DirectOptions;
  tracing?: Tracing;
}): OpenDatabase {
  const { timeoutMs = 8_000, retries = 3, direct, tracing = noTracing } = options;
  const transport = direct
    ? openDirect({ ...direct, timeoutMs, tracing })
    : openDataApi(options.supabaseUrl, options.secretKey, tracing);
  const call = createCall(transport, { timeoutMs, retries });
  return {
    ...userOperations(call),
    ...accountOperations(call),
    ...paymentOperations(call),
    ...creditOperations(call),
    ...jobOperations(call),
    ...runOperations(call),
    ...leaseOperations(call),
    ...queueOperations(call),
    ...queuePositionOperations(call),
    ...sweepOperations(call),
    ...changeOperations(call),
    ...imageOperations(call),
    ...promptOperations(call),
    ...removalOperations(call),
    ...webhookOperations(call),
    ...modelOperations(call),
    ...gaugeOperations(call),
    ...traceOperations(call),
    async ping({ timeoutMs }) {
      await call('ping_database', {}, { timeoutMs, retries: 0 });
    },
    close: transport.close,
  };
}
