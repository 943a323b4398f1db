import type { openDatabase } from '@darkroom/db/open';
import type { CheckResult } from './check.ts';
import { access } from './checks/access.ts';
import { clerk } from './checks/clerk.ts';
import { clock } from './checks/clock.ts';
import { configuration } from './checks/configuration.ts';
import { gemini } from './checks/gemini.ts';
import { limits } from './checks/limits.ts';
import { migrations } from './checks/migrations.ts';
import { money } from './checks/money.ts';
import { postgres } from './checks/postgres.ts';
import { publishableKey } from './checks/publishable-key.ts';
import { queue } from './checks/queue.ts';
import { storage } from './checks/storage.ts';
import { supabase } from './checks/supabase.ts';
import { webhooks } from './checks/webhooks.ts';
import { workers } from './checks/workers.ts';
import { openProbes } from './probes.ts';
import { runChecks } from './run-checks.ts';

/** For one request to one service. */
const requestTimeoutMs = 6_000;
/** For one check with all of its requests. */
const checkTimeoutMs = 15_000;
/** For the audit, which reads everything that was ever booked. */
const auditTimeoutMs = 12_000;

/** Checks everything that the API and the workers depend on, independently. Never throws; takes at most 15 s. */
export function diagnose(deps: {
  env: Record<string, string | undefined>;
  /** Epoch milliseconds. */
  now: () => number;
  fetch: typeof globalThis.fetch;
  openDatabase: typeof openDatabase;
}): Promise<CheckResult[]> {
  const { env, now, fetch } = deps;
  const probes = openProbes({ env, now, fetch, timeoutMs: requestTimeoutMs });
  const { SUPABASE_URL: supabaseUrl = '', SUPABASE_SECRET_KEY: secretKey = '' } = probes.environment.values;
  const audit = () =>
    deps.openDatabase({ supabaseUrl, secretKey, retries: 0 }).audit({ timeoutMs: auditTimeoutMs });
  const checks = [
    configuration(probes),
    limits(probes),
    supabase(probes),
    publishableKey(probes),
    postgres(probes),
    migrations(probes),
    access(probes),
    queue(probes),
    storage(probes),
    gemini(probes),
    clerk(probes),
    webhooks(probes),
    clock(probes),
    workers(probes),
    money({ ...probes, audit }),
  ];
  return runChecks(checks, { timeoutMs: checkTimeoutMs, now: () => performance.now() });
}
