import { type DataApiProbe, probeDataApi } from '@darkroom/db/operators/probe-data-api';
import { probePostgres } from '@darkroom/db/operators/probe-postgres';
import { type Check, error, type Finding, skipped } from '../check.ts';
import type { Parts } from '../parts.ts';

/** Supabase's Data API with the secret key. */
export function supabase({ environment, database }: Parts): Check {
  return {
    name: 'supabase',
    async run() {
      const probe = await database();
      if (probe === null) return skipped('SUPABASE_URL or SUPABASE_SECRET_KEY is missing');
      const { answer } = probe;
      const finding = findingOf(answer, environment.nameOf('SUPABASE_SECRET_KEY'));
      const seen = answer.kind === 'server' ? `PostgreSQL ${answer.report.postgres}` : undefined;
      return { findings: finding ? [finding] : [], seen };
    },
  };
}

function findingOf(probe: DataApiProbe, keyName: string): Finding | null {
  switch (probe.kind) {
    case 'server':
    case 'not_migrated':
      return null;
    case 'public':
      return error(
        keyName,
        'is let in, but may not do what the server does: it is a public key',
        'Set it to the secret key, sb_secret_… (Supabase, Project settings, API keys)',
      );
    case 'key_refused':
      return error(
        keyName,
        `is refused by SUPABASE_URL (${probe.cause})`,
        'Copy the secret key of this very project, sb_secret_… (Supabase, Project settings, API keys)',
      );
    case 'unreachable':
      return error(
        'SUPABASE_URL',
        `cannot be reached (${probe.cause})`,
        'Check the address, https://<project>.supabase.co, that the project is not paused, and the way out of this network',
      );
    case 'failed':
      return error(
        'SUPABASE_URL',
        `answered with an error (${probe.cause})`,
        'Look at the project’s Postgres and API logs in the Supabase dashboard',
      );
  }
}

/** That the publishable key is none that opens everything. */
export function publishableKey({ environment, timeoutMs }: Parts): Check {
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
              'may do all that the server does: it is a secret key, in a variable that apps show to everyone',
              'Set it to sb_publishable_…, and replace the secret key in the dashboard: it may have been seen',
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
              'Copy the publishable key of this very project, sb_publishable_… (Supabase, Project settings, API keys)',
            ),
          ],
        };
      }
      if (probe.kind === 'unreachable') return skipped('SUPABASE_URL cannot be reached');
      return { findings: [], seen: 'may do nothing of the server’s' };
    },
  };
}

/** The direct connection, which migrations need. */
export function postgres({ environment, timeoutMs }: Parts): Check {
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
          : 'Check host and port in it; Supabase’s direct host has IPv6 alone, its session pooler on port 5432 has both';
      return { findings: [error(name, `${what} (${probe.cause})`, remedy)] };
    },
  };
}
