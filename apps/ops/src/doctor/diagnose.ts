import type { openDatabase } from '@darkroom/db/open';
import type { CheckResult } from './check.ts';
import { clerk } from './checks/clerk.ts';
import { clocks } from './checks/clocks.ts';
import { configuration } from './checks/configuration.ts';
import { postgres, publishableKey, supabase } from './checks/database.ts';
import { gemini } from './checks/gemini.ts';
import { queue } from './checks/queue.ts';
import { relations } from './checks/relations.ts';
import { money, workers } from './checks/running.ts';
import { access, migrations } from './checks/schema.ts';
import { storage } from './checks/storage.ts';
import { webhookSecrets } from './checks/webhook-secrets.ts';
import { examine } from './examine.ts';
import { openParts } from './parts.ts';

/** For one question to one part, and for one check with all its questions, in milliseconds. */
const timeoutMs = 6_000;
const limitMs = 15_000;
/** For the audit, whose length goes with all that was ever booked. */
const auditMs = 12_000;

/**
 * Looks at everything that the API and the workers depend on. What is wrong with one thing keeps no other from being
 * looked at. Never throws; takes 15 s at the most.
 */
export function diagnose(deps: {
  env: Record<string, string | undefined>;
  now: () => number;
  fetch: typeof globalThis.fetch;
  openDatabase: typeof openDatabase;
}): Promise<CheckResult[]> {
  const { env, now, fetch } = deps;
  const parts = openParts({ env, now, fetch, timeoutMs });
  const { SUPABASE_URL: supabaseUrl = '', SUPABASE_SECRET_KEY: secretKey = '' } = parts.environment.values;
  const audit = () => deps.openDatabase({ supabaseUrl, secretKey, retries: 0 }).audit({ timeoutMs: auditMs });
  const checks = [
    configuration(parts),
    relations(parts),
    supabase(parts),
    publishableKey(parts),
    postgres(parts),
    migrations(parts),
    access(parts),
    queue(parts),
    storage(parts),
    gemini(parts),
    clerk(parts),
    webhookSecrets(parts),
    clocks(parts),
    workers(parts),
    money({ ...parts, audit }),
  ];
  return examine(checks, { limitMs, now: () => performance.now() });
}
