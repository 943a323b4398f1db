import { type Check, error, type Finding, skipped, summarizeNames } from '../check.ts';
import type { Probes } from '../probes.ts';

const migrate = 'Run npm run migrate with DATABASE_URL (or DIRECT_URL)';

/** Only the server may call server functions, and every table has row level security. */
export function access({ database }: Probes): Check {
  return {
    name: 'access',
    async run() {
      const probe = (await database())?.answer;
      if (probe?.kind !== 'server') return skipped('the database cannot be reached');
      const { open_functions: open, closed_functions: closed, missing_functions, open_tables } = probe.report;
      const findings: Finding[] = [];
      if (open.length > 0) {
        findings.push(
          error(
            'grants',
            `let anyone with the publishable key call ${summarizeNames(open)}`,
            `Run in the SQL editor: revoke execute on function ${open.join(', ')} from public, anon, authenticated;`,
          ),
        );
      }
      if (closed.length > 0) {
        findings.push(
          error(
            'grants',
            `do not let the server call ${summarizeNames(closed)}`,
            `Run in the SQL editor: grant execute on function ${closed.map((name) => `public.${name}`).join(', ')} to service_role;`,
          ),
        );
      }
      if (missing_functions.length > 0) {
        findings.push(error('functions', `are missing: ${summarizeNames(missing_functions)}`, migrate));
      }
      if (open_tables.length > 0) {
        findings.push(
          error(
            'row level security',
            `is off for ${summarizeNames(open_tables)}, which apps can reach`,
            `Run in the SQL editor: ${open_tables.map((name) => `alter table public.${name} enable row level security;`).join(' ')}`,
          ),
        );
      }
      return { findings, seen: 'functions closed, row level security on' };
    },
  };
}
