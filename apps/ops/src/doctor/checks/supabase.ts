import type { DataApiProbe } from '@darkroom/db/operators/probe-data-api';
import { type Check, error, type Finding, skipped } from '../check.ts';
import type { Probes } from '../probes.ts';

/** Supabase's Data API accepts the secret key. */
export function supabase({ environment, database }: Probes): Check {
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
        'is accepted but lacks the server’s rights: it is a public key',
        'Set it to the secret key, sb_secret_… (Supabase, Project settings, API keys)',
      );
    case 'key_refused':
      return error(
        keyName,
        `is refused by SUPABASE_URL (${probe.cause})`,
        'Copy the secret key of this project, sb_secret_… (Supabase, Project settings, API keys)',
      );
    case 'unreachable':
      return error(
        'SUPABASE_URL',
        `cannot be reached (${probe.cause})`,
        'Check the address, https://<project>.supabase.co, that the project is not paused, and outbound network access',
      );
    case 'failed':
      return error(
        'SUPABASE_URL',
        `answered with an error (${probe.cause})`,
        'Look at the project’s Postgres and API logs in the Supabase dashboard',
      );
  }
}
