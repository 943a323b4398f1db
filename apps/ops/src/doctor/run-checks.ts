import { TimeoutError, withTimeout } from '@darkroom/core/runtime/time/with-timeout';
import { spellDuration } from '../display/times.ts';
import type { Check, CheckOutcome, CheckResult } from './check.ts';

/** Runs all checks at once, each at most `timeoutMs`, and returns their results in order. Never throws. */
export function runChecks(
  checks: readonly Check[],
  { timeoutMs, now }: { timeoutMs: number; now: () => number },
): Promise<CheckResult[]> {
  return Promise.all(
    checks.map(async (check) => {
      const startedAt = now();
      const outcome = await runOne(check, timeoutMs);
      return { name: check.name, ...outcome, status: statusOf(outcome), ms: Math.round(now() - startedAt) };
    }),
  );
}

async function runOne(check: Check, timeoutMs: number): Promise<CheckOutcome> {
  try {
    return await withTimeout(timeoutMs, () => check.run());
  } catch (error) {
    if (error instanceof TimeoutError) {
      return failed(
        check.name,
        `no answer within ${spellDuration(timeoutMs)}`,
        'check whether the service it asks is overloaded or frozen',
      );
    }
    const message = error instanceof Error ? error.message : String(error);
    return failed(check.name, message, 'check what the message names');
  }
}

function failed(where: string, what: string, remedy: string): CheckOutcome {
  return { findings: [{ severity: 'error', where, what: `could not be checked: ${what}`, remedy }] };
}

function statusOf({ findings, skipped }: CheckOutcome): CheckResult['status'] {
  if (findings.some(({ severity }) => severity === 'error')) return 'error';
  if (findings.length > 0) return 'warning';
  return skipped === undefined ? 'ok' : 'skipped';
}
