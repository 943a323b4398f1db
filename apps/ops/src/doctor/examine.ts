import { spell } from '../cli/times.ts';
import type { Check, CheckResult, Outcome } from './check.ts';

/** Makes all checks at once, each in `limitMs` at the most, and returns what they came to, in their order. Never throws. */
export function examine(
  checks: readonly Check[],
  { limitMs, now }: { limitMs: number; now: () => number },
): Promise<CheckResult[]> {
  return Promise.all(
    checks.map(async (check) => {
      const begun = now();
      const outcome = await bounded(check, limitMs);
      return { name: check.name, ...outcome, status: statusOf(outcome), ms: Math.round(now() - begun) };
    }),
  );
}

async function bounded(check: Check, limitMs: number): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Outcome>((resolve) => {
    timer = setTimeout(
      () =>
        resolve(
          failed(
            check.name,
            `no answer within ${spell(limitMs)}`,
            'see whether the part it asks is overloaded or frozen',
          ),
        ),
      limitMs,
    );
  });
  const made = check
    .run()
    .catch((error: unknown) =>
      failed(
        check.name,
        error instanceof Error ? error.message : String(error),
        'read the message; what it names is what to look at',
      ),
    );
  try {
    return await Promise.race([made, late]);
  } finally {
    clearTimeout(timer);
  }
}

function failed(where: string, what: string, remedy: string): Outcome {
  return { findings: [{ severity: 'error', where, what: `could not be checked: ${what}`, remedy }] };
}

function statusOf({ findings, skipped }: Outcome): CheckResult['status'] {
  if (findings.some(({ severity }) => severity === 'error')) return 'error';
  if (findings.length > 0) return 'warning';
  return skipped === undefined ? 'ok' : 'skipped';
}
