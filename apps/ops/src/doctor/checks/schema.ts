import { readMigrations } from '@darkroom/db/migrate/files';
import { probePostgres } from '@darkroom/db/operators/probe-postgres';
import { type Check, error, type Finding, skipped, warning } from '../check.ts';
import type { Parts } from '../parts.ts';

const remedy = 'Run npm run migrate with DATABASE_URL (or DIRECT_URL); it is safe while everything runs';

/** That the database has the migrations and the functions of this release. */
export function migrations({ environment, database, timeoutMs }: Parts): Check {
  return {
    name: 'migrations',
    async run() {
      const files = await readMigrations();
      const wanted = files.numbered.map(({ name }) => name);
      const probe = (await database())?.answer;
      const report = probe?.kind === 'server' ? probe.report : null;
      let applied: readonly string[] | null = report?.migrations ?? null;
      if (applied === null) {
        const databaseUrl = environment.values.DIRECT_URL ?? environment.values.DATABASE_URL;
        const direct = databaseUrl ? await probePostgres({ databaseUrl, timeoutMs }) : null;
        if (direct?.kind === 'open') applied = direct.applied ?? [];
        else if (probe?.kind === 'not_migrated') {
          return { findings: [error('migrations', `are not all applied (${probe.cause})`, remedy)] };
        } else return skipped('the database cannot be asked');
      }
      const missing = wanted.filter((name) => !applied.includes(name));
      const findings: Finding[] = [];
      if (missing.length > 0) {
        findings.push(
          error('migrations', `lack ${missing.length} of ${wanted.length}: ${list(missing)}`, remedy),
        );
      } else if (report && report.release > files.release) {
        findings.push(
          warning(
            'migrations',
            `are those of release ${report.release}, ahead of this release (${files.release})`,
            'Deploy the release that brought them; until then this one works with them',
          ),
        );
      } else if (report && report.checksums[0] !== files.checksum) {
        findings.push(error('functions', 'are not those of this release', remedy));
      }
      return { findings, seen: `${applied.length} applied` };
    },
  };
}

/** That nobody but the server gets at what is the server's. */
export function access({ database }: Parts): Check {
  return {
    name: 'access',
    async run() {
      const probe = (await database())?.answer;
      if (probe?.kind !== 'server') return skipped('the database cannot be asked');
      const { open_functions: open, closed_functions: closed, missing_functions, open_tables } = probe.report;
      const findings: Finding[] = [];
      if (open.length > 0) {
        findings.push(
          error(
            'grants',
            `let anybody with the publishable key call ${list(open)}`,
            `Run in the SQL editor: revoke execute on function ${open.join(', ')} from public, anon, authenticated;`,
          ),
        );
      }
      if (closed.length > 0) {
        findings.push(
          error(
            'grants',
            `keep the server from ${list(closed)}`,
            `Run in the SQL editor: grant execute on function ${closed.map((name) => `public.${name}`).join(', ')} to service_role;`,
          ),
        );
      }
      if (missing_functions.length > 0) {
        findings.push(error('functions', `are missing: ${list(missing_functions)}`, remedy));
      }
      if (open_tables.length > 0) {
        findings.push(
          error(
            'row level security',
            `is off for ${list(open_tables)}, which apps can reach`,
            `Run in the SQL editor: ${open_tables.map((name) => `alter table public.${name} enable row level security;`).join(' ')}`,
          ),
        );
      }
      return { findings, seen: 'functions closed, row level security on' };
    },
  };
}

function list(names: readonly string[]): string {
  return names.length <= 5
    ? names.join(', ')
    : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`;
}
