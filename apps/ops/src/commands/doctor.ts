import { openDatabase } from '@darkroom/db/open';
import type { Command } from '../cli/command.ts';
import { spell } from '../cli/times.ts';
import type { CheckResult } from '../doctor/check.ts';
import { diagnose } from '../doctor/diagnose.ts';

/** Looks at everything that the API and the workers depend on. */
export const doctor: Command = {
  name: 'doctor',
  summary:
    'looks at every variable and every part that is depended on, and says what to do; exits 1 when something is wrong',
  details: `
Reads the environment of API and workers together. Writes one small object to R2 and removes it; pays for nothing.
Takes 15 seconds at the most. Warnings alone exit 0.`,
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
  const took = spell(Math.max(...results.map(({ ms }) => ms)));
  if (all.length === 0) return `All is well (${took}).`;
  return `${errors} errors, ${all.length - errors} warnings (${took}).`;
}
