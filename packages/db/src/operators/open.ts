import { createServerClient } from '../transport/supabase.ts';
import { type OperatorJobs, operatorJobs } from './jobs.ts';
import { createRest } from './rest.ts';
import { type OperatorSweep, operatorSweep } from './sweep.ts';
import { type OperatorUsers, operatorUsers } from './users.ts';
import { type OperatorWebhooks, operatorWebhooks } from './webhooks.ts';

/**
 * What operators read and do, across all users. Status and credits change only through the same SQL functions that the
 * API and the workers call.
 * @throws DomainError when a rule rejects the call; DatabaseUnavailable when the database cannot be reached.
 */
export interface OperatorDatabase extends OperatorJobs, OperatorUsers, OperatorSweep, OperatorWebhooks {}

/** Opens the operators' access with the server's rights (secret key). */
export function openOperatorDatabase(options: { supabaseUrl: string; secretKey: string }): OperatorDatabase {
  const client = createServerClient(options.supabaseUrl, options.secretKey);
  const rest = createRest(client, { timeoutMs: 8_000, retries: 3 });
  return { ...operatorJobs(rest), ...operatorUsers(rest), ...operatorSweep(rest), ...operatorWebhooks(rest) };
}
