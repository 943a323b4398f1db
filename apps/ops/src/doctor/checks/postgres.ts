import { probePostgres } from '@darkroom/db/operators/probe-postgres';
import { type Check, error, skipped } from '../check.ts';
import type { Probes } from '../probes.ts';

/** The direct connection works; migrations need it. */
export function postgres({ environment, timeoutMs }: Probes): Check {
  return {
    name: 'postgres',
    async run() {
      const { DIRECT_URL, DATABASE_URL } = environment.values;
      const databaseUrl = DIRECT_URL ?? DATABASE_URL;
      if (!databaseUrl) return skipped('DATABASE_URL is not set; only npm run migrate needs it');
      const name = DIRECT_URL ? 'DIRECT_URL' : 'DATABASE_URL';
      const probe = await probePostgres({ databaseUrl, timeoutMs });
      if (probe.kind === 'open') return { findings: [], seen: `PostgreSQL ${probe.version}` };
      const what = probe.kind === 'refused' ? 'is refused' : 'cannot be reached';
      const remedy =
        probe.kind === 'refused'
          ? 'Check user, password (percent-encoded?) and database in it'
          : 'Check host and port in it; Supabase’s direct host has only IPv6, its session pooler on port 5432 has both';
      return { findings: [error(name, `${what} (${probe.cause})`, remedy)] };
    },
  };
}
