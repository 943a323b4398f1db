import { readMigrations } from '@darkroom/db/migrate/files';
import { probePostgres } from '@darkroom/db/operators/probe-postgres';
import { type Check, error, type Finding, skipped, summarizeNames, warning } from '../check.ts';
import type { Probes } from '../probes.ts';

const remedy = 'Run npm run migrate with DATABASE_URL (or DIRECT_URL); it is safe while processes run';

/** The database has the migrations and functions of this release. */
export function migrations({ environment, database, timeoutMs }: Probes): Check {
  return {
    name: 'migrations',
    async run() {
      const files = await readMigrations();
      const expected = files.numbered.map(({ name }) => name);
      const probe = (await database())?.answer;
      const report = probe?.kind === 'server' ? probe.report : null;
      let applied: readonly string[] | null = report?.migrations ?? null;
      if (applied === null) {
        const databaseUrl = environment.values.DIRECT_URL ?? environment.values.DATABASE_URL;
        const direct = databaseUrl ? await probePostgres({ databaseUrl, timeoutMs }) : null;
        if (direct?.kind === 'open') applied = direct.applied ?? [];
        else if (probe?.kind === 'not_migrated') {
          return { findings: [error('migrations', `are not all applied (${probe.cause})`, remedy)] };
        } else return skipped('the database cannot be reached');
      }
      const missing = expected.filter((name) => !applied.includes(name));
      const findings: Finding[] = [];
      if (missing.length > 0) {
        findings.push(
          error(
            'migrations',
            `lack ${missing.length} of ${expected.length}: ${summarizeNames(missing)}`,
            remedy,
          ),
        );
      } else if (report && report.release > files.release) {
        findings.push(
          warning(
            'migrations',
            `are those of release ${report.release}, ahead of this release (${files.release})`,
            'Deploy the release that added them; until then this one works with them',
          ),
        );
      } else if (report && report.checksums[0] !== files.checksum) {
        findings.push(error('functions', 'are not those of this release', remedy));
      }
      return { findings, seen: `${applied.length} applied` };
    },
  };
}
