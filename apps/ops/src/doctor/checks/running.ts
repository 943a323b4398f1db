import type { AuditRow } from '@darkroom/db/credits/credits';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import { spell } from '../../cli/times.ts';
import { type Check, error, type Finding, skipped, warning } from '../check.ts';
import type { Parts } from '../parts.ts';

/** From when on a waiting job means that something is wrong, in milliseconds. */
const longWaitMs = 120_000;

/** Workers with a lease, and how long the first of the line has been waiting. */
export function workers({ database }: Parts): Check {
  return {
    name: 'workers',
    async run() {
      const probe = (await database())?.answer;
      if (probe?.kind !== 'server') return skipped('the database cannot be asked');
      const { workers: alive, waiting, running, oldest_due_ms: oldest } = probe.report;
      const findings: Finding[] = [];
      if (alive === 0) {
        const about = waiting > 0 ? `, and ${waiting} jobs are waiting` : '';
        const remedy = 'Start one: npm run worker, docker compose up --scale worker=2';
        findings.push((waiting > 0 ? error : warning)('workers', `none is alive${about}`, remedy));
      } else if (oldest !== null && oldest > longWaitMs) {
        findings.push(
          warning(
            'workers',
            `the first of ${waiting} waiting jobs has been due for ${spell(oldest)}`,
            'Start more workers; see ops models and ops queue status for what holds them up',
          ),
        );
      }
      return { findings, seen: `${alive} alive, ${running} jobs in hand, ${waiting} waiting` };
    },
  };
}

/** That credits add up, refunds included. */
export function money({ database, audit }: Parts & { audit: () => Promise<AuditRow[]> }): Check {
  return {
    name: 'money',
    async run() {
      const probe = (await database())?.answer;
      if (probe?.kind !== 'server') return skipped('the database cannot be asked');
      const findings: Finding[] = [];
      // The database has just answered: what does not end in time is only long.
      const rows = await audit().catch((problem: unknown) => {
        if (!(problem instanceof DatabaseUnavailable)) throw problem;
        findings.push(
          warning(
            'credit_audit',
            `takes too long to be read here (${problem.message})`,
            'Read it by ops audit, which gives it a minute',
          ),
        );
        return [];
      });
      if (rows.length > 0) {
        const unsettled = rows.filter(({ scope }) => scope === 'job').length;
        findings.push(
          error(
            'credit_audit',
            `does not add up: ${rows.length} rows, ${unsettled} of them jobs whose charge or refund is not settled`,
            'Read ops audit; book a missing refund by ops jobs settle <job>, and find out who wrote past the functions',
          ),
        );
      }
      const { unresolved_events: unresolved } = probe.report;
      if (unresolved > 0) {
        findings.push(
          warning(
            'webhook_events',
            `holds ${unresolved} payments that nobody was credited for`,
            'Read ops webhooks list-unresolved, and ops webhooks replay each once its user or price is known',
          ),
        );
      }
      return { findings, seen: 'the books are in order' };
    },
  };
}
