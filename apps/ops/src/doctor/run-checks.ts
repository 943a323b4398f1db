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
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<CheckOutcome>((resolve) => {
    timer = setTimeout(
      () =>
        resolve(
          failed(
            check.name,
            `no answer within ${spellDuration(timeoutMs)}`,
            'check whether the service it asks is overloaded or frozen',
          ),
        ),
      timeoutMs,
    );
  });
  const made = check
    .run()
    .catch((error: unknown) =>
      failed(
        check.name,
        error instanceof Error ? error.message : String(error),
        'check what the message names',
      ),
    );
  try {
    return await Promise.race([made, late]);
  } finally {
    clearTimeout(timer);
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
