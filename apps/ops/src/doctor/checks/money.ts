import type { AuditRow } from '@darkroom/db/credits/credits';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import { type Check, error, type Finding, skipped, warning } from '../check.ts';
import type { Probes } from '../probes.ts';

/** All credits add up, including refunds. */
export function money({ database, audit }: Probes & { audit: () => Promise<AuditRow[]> }): Check {
  return {
    name: 'money',
    async run() {
      const probe = (await database())?.answer;
      if (probe?.kind !== 'server') return skipped('the database cannot be reached');
      const findings: Finding[] = [];
      // The database answered just now, so a timeout means that the audit is long.
      const rows = await audit().catch((problem: unknown) => {
        if (!(problem instanceof DatabaseUnavailable)) throw problem;
        findings.push(
          warning(
            'credit_audit',
            `takes too long to read here (${problem.message})`,
            'Run ops audit, which waits up to a minute',
          ),
        );
        return [];
      });
      if (rows.length > 0) {
        const jobs = rows.filter(({ scope }) => scope === 'job').length;
        findings.push(
          error(
            'credit_audit',
            `does not add up: ${rows.length} rows, ${jobs} of them jobs with a wrong charge or refund`,
            'Run ops audit. Book a missing refund with ops jobs settle <job>, and find out what changes rows without the functions',
          ),
        );
      }
      const { unresolved_events: unresolved } = probe.report;
      if (unresolved > 0) {
        findings.push(
          warning(
            'webhook_events',
            `contains ${unresolved} payments without credits`,
            'Run ops webhooks list-unresolved, then ops webhooks replay for each whose user is known now; for an unknown price, add it to STRIPE_PRICE_CREDITS and send the event again from Stripe',
          ),
        );
      }
      return { findings, seen: 'all credits add up' };
    },
  };
}
