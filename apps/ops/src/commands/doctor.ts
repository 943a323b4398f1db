import { openDatabase } from '@darkroom/db/open';
import type { Command } from '../cli/command.ts';
import { spellDuration } from '../display/times.ts';
import type { CheckResult } from '../doctor/check.ts';
import { diagnose } from '../doctor/diagnose.ts';

export const doctor: Command = {
  name: 'doctor',
  summary:
    'checks every variable and every service in use, and says how to fix what is wrong; exits 1 on errors',
  details: `
Reads the environment of the API and the workers together. Writes one small object to R2 and removes it; makes no paid
call. Takes at most 15 seconds. Warnings alone exit 0.`,
  async run(_input, { environment, now }) {
    const results = await diagnose({ env: environment, now, fetch: globalThis.fetch, openDatabase });
    const findings = results.flatMap(({ name, findings }) =>
      findings.map((finding) => ({ check: name, ...finding })),
    );
    const errors = findings.filter(({ severity }) => severity === 'error').length;
    return {
      data: {
        healthy: errors === 0,
        findings,
        checks: results.map(({ name, status, seen = null, skipped = null, ms }) => ({
          name,
          status,
          seen,
          skipped,
          ms,
        })),
      },
      text: describe(results),
      code: errors === 0 ? 0 : 1,
    };
  },
};

const marks = { ok: 'ok', warning: 'warning', error: 'ERROR', skipped: 'skipped' } as const;

function describe(results: readonly CheckResult[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  const lines = results.flatMap(({ name, status, seen, skipped, findings }) => [
    `${marks[status].padEnd(8)} ${name.padEnd(width)}  ${skipped ?? (status === 'error' ? '' : (seen ?? ''))}`.trimEnd(),
    ...findings.flatMap(({ severity, where, what, remedy }) => [
      `           ${severity === 'error' ? '✗' : '!'} ${where} ${what}`,
      `             → ${remedy}`,
    ]),
  ]);
  return `${lines.join('\n')}\n\n${conclude(results)}\n`;
}

function conclude(results: readonly CheckResult[]): string {
  const all = results.flatMap(({ findings }) => findings);
  const errors = all.filter(({ severity }) => severity === 'error').length;
  const took = spellDuration(Math.max(...results.map(({ ms }) => ms)));
  if (all.length === 0) return `Everything is fine (${took}).`;
  return `${errors} errors, ${all.length - errors} warnings (${took}).`;
}
