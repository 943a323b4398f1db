import { probeDataApi } from '@darkroom/db/operators/probe-data-api';
import { type Check, error, skipped } from '../check.ts';
import type { Probes } from '../probes.ts';

/** The publishable key is not a secret key. */
export function publishableKey({ environment, timeoutMs }: Probes): Check {
  return {
    name: 'public key',
    async run() {
      const { SUPABASE_URL: supabaseUrl, SUPABASE_PUBLISHABLE_KEY: key } = environment.values;
      if (!supabaseUrl || !key) return skipped('SUPABASE_PUBLISHABLE_KEY is not set; only apps need it');
      const name = environment.nameOf('SUPABASE_PUBLISHABLE_KEY');
      const probe = await probeDataApi({ supabaseUrl, key, timeoutMs });
      if (probe.kind === 'server') {
        return {
          findings: [
            error(
              name,
              'has the server’s rights: it is a secret key in a variable that apps publish',
              'Set it to sb_publishable_…, and replace the secret key in the dashboard, because it may have leaked',
            ),
          ],
        };
      }
      if (probe.kind === 'key_refused') {
        return {
          findings: [
            error(
              name,
              `is refused by SUPABASE_URL (${probe.cause})`,
              'Copy the publishable key of this project, sb_publishable_… (Supabase, Project settings, API keys)',
            ),
          ],
        };
      }
      if (probe.kind === 'unreachable') return skipped('SUPABASE_URL cannot be reached');
      return { findings: [], seen: 'has no rights of the server' };
    },
  };
}
