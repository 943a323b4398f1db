import { spellDuration } from '../../display/times.ts';
import { type Check, error, type Finding, skipped, warning } from '../check.ts';
import type { Probes } from '../probes.ts';

/** A job that is due for longer than this means that something is wrong. */
const longWaitMs = 120_000;

/** Workers hold a lease, and the oldest waiting job is not overdue. */
export function workers({ database }: Probes): Check {
  return {
    name: 'workers',
    async run() {
      const probe = (await database())?.answer;
      if (probe?.kind !== 'server') return skipped('the database cannot be reached');
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
            `the oldest of ${waiting} waiting jobs has been due for ${spellDuration(oldest)}`,
            'Start more workers; ops models and ops queue status may show the cause',
          ),
        );
      }
      return { findings, seen: `${alive} alive, ${running} jobs running, ${waiting} waiting` };
    },
  };
}
